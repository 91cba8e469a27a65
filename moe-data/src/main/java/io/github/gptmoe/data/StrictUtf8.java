package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.Locale;

/** Decodes UTF-8 and says at which byte it is not. Holds a decoder, so one thread at a time. */
final class StrictUtf8 {
    private static final int KEPT_CHARACTERS = 1 << 20;

    private final CharsetDecoder decoder = UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private CharBuffer characters = CharBuffer.allocate(1 << 12);

    String decode(byte[] bytes, int length) throws BadRowException {
        rejectNul(bytes, length);
        // A byte never becomes more than one UTF-16 unit, so the output cannot overflow.
        CharBuffer out = room(length);
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
        CoderResult result = decoder.reset().decode(in, out, true);
        if (result.isError()) {
            int offset = in.position();
            throw new BadRowException(
                    offset, String.format(Locale.ROOT, "invalid UTF-8 (byte 0x%02X)", bytes[offset] & 0xFF));
        }
        decoder.flush(out);
        return out.flip().toString();
    }

    private CharBuffer room(int length) {
        if (length > KEPT_CHARACTERS) {
            return CharBuffer.allocate(length);
        }
        if (characters.capacity() < length) {
            characters = CharBuffer.allocate(Math.min(KEPT_CHARACTERS, Math.max(length, 2 * characters.capacity())));
        }
        return characters.clear();
    }

    private static void rejectNul(byte[] bytes, int length) throws BadRowException {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == 0) {
                throw new BadRowException(i, "a NUL byte: the file is binary or UTF-16, not UTF-8 text");
            }
        }
    }
}
