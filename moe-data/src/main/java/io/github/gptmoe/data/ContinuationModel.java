package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.SentencePieceModel.Piece;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A SentencePiece model that encodes text as it stands between other text.
 *
 * <p>SentencePiece puts U+2581 before a text and drops spaces at its ends, and neither can be turned off for one call. So
 * this is a second native model, made from the bytes of the first: without the dummy prefix, and with one more piece, the
 * anchor, which the library never merges with anything. A text is encoded between two anchors, whose ids are then
 * left out: nothing is added to it, and its spaces at both ends are inner ones.
 */
final class ContinuationModel {
    private static final int SELF_TEST_FIELD = 4;
    /** Private use, plane 16: no text has it but by intent, and no normalization rule of SentencePiece touches it. */
    private static final int FIRST_ANCHOR_CODE = 0x100000;

    private static final int ANCHOR_CODES = 3;
    private static final byte[] SCORE_ZERO_AND_TYPE_USER_DEFINED = {0x15, 0, 0, 0, 0, 0x18, 4};
    /** Field 3, the normalizer, of two bytes: field 3, add_dummy_prefix, is false. */
    private static final byte[] NO_DUMMY_PREFIX = {0x1A, 2, 0x18, 0};

    private final Function<String, int[]> encoder;
    private final String anchor;
    private final int anchorId;

    private ContinuationModel(Function<String, int[]> encoder, String anchor, int anchorId) {
        this.encoder = encoder;
        this.anchor = anchor;
        this.anchorId = anchorId;
    }

    /**
     * Makes the second model and tries it.
     *
     * @param open loads a native model from its bytes and gives its encoding
     * @throws IOException if the library does not treat the anchor as described, or the model puts U+2581 at the end of
     *     words and adds one to a text: then the tokens of a text depend on whether another one follows
     */
    static ContinuationModel of(SentencePieceModel model, byte[] bytes, Function<byte[], Function<String, int[]>> open)
            throws IOException {
        if (model.decoding().spaceIsSuffix() && model.decoding().dummyPrefix()) {
            throw new IOException("it was trained with --treat_whitespace_as_suffix and adds a space to every text");
        }
        String anchor = anchorFor(model.pieces());
        Function<String, int[]> opened;
        try {
            opened = open.apply(changed(bytes, anchor));
        } catch (RuntimeException | LinkageError failed) {
            throw new IOException(failed.getMessage(), failed);
        }
        ContinuationModel made =
                new ContinuationModel(opened, anchor, model.pieces().size());
        int[] anchors = opened.apply(anchor + anchor);
        if (!Arrays.equals(anchors, new int[] {made.anchorId, made.anchorId})) {
            throw new IOException("the native library splits a user-defined piece: " + Arrays.toString(anchors));
        }
        return made;
    }

    /** Three code points in a row that no piece contains; as they differ, occurrences in a text never overlap. */
    private static String anchorFor(List<Piece> pieces) {
        for (int code = FIRST_ANCHOR_CODE; ; code += ANCHOR_CODES) {
            int[] codes = {code, code + 1, code + 2};
            boolean free = pieces.stream()
                    .noneMatch(piece ->
                            piece.text().codePoints().anyMatch(point -> point >= codes[0] && point <= codes[2]));
            if (free) {
                return new String(codes, 0, ANCHOR_CODES);
            }
        }
    }

    /** Protobuf joins what occurs twice, the last value wins: so what changes is appended. Self-tests would now fail. */
    private static byte[] changed(byte[] bytes, String anchor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        ProtobufReader model = new ProtobufReader(bytes);
        int start = 0;
        while (model.next()) {
            model.skip();
            if (model.field() != SELF_TEST_FIELD) {
                out.write(bytes, start, model.position() - start);
            }
            start = model.position();
        }
        byte[] text = anchor.getBytes(UTF_8);
        out.write(0x0A);
        out.write(2 + text.length + SCORE_ZERO_AND_TYPE_USER_DEFINED.length);
        out.write(0x0A);
        out.write(text.length);
        out.writeBytes(text);
        out.writeBytes(SCORE_ZERO_AND_TYPE_USER_DEFINED);
        out.writeBytes(NO_DUMMY_PREFIX);
        return out.toByteArray();
    }

    int[] encode(String text) {
        int own = text.indexOf(anchor);
        if (own >= 0) {
            // Its id is none of the model's. Apart, the two halves are ordinary characters.
            int middle = own + Character.charCount(FIRST_ANCHOR_CODE);
            int[] before = encode(text.substring(0, middle));
            int[] after = encode(text.substring(middle));
            int[] joined = Arrays.copyOf(before, before.length + after.length);
            System.arraycopy(after, 0, joined, before.length, after.length);
            return joined;
        }
        int[] ids = encoder.apply(anchor + text + anchor);
        if (ids.length < 2 || ids[0] != anchorId || ids[ids.length - 1] != anchorId) {
            throw new IllegalStateException(
                    "the native SentencePiece library merged the anchor with a text: " + Arrays.toString(ids));
        }
        return Arrays.copyOfRange(ids, 1, ids.length - 1);
    }
}
