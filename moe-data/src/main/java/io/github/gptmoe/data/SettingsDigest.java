package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** A hash over named settings, in the order in which they are added. */
final class SettingsDigest {
    private final MessageDigest digest = Hashes.sha256();

    /** Lengths go in first, so that no two lists of values give the same bytes. */
    void add(String name, Object setting) {
        for (String part : new String[] {name, String.valueOf(setting)}) {
            byte[] bytes = part.getBytes(UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            digest.update(bytes);
        }
    }

    /** Hexadecimal; nothing can be added afterwards. */
    String value() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
