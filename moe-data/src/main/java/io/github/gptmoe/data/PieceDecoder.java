package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.SentencePieceModel.Piece;
import java.io.ByteArrayOutputStream;

/**
 * Joins pieces to text by SentencePiece's rules. The native decoder cannot be used from Java: its binding hands the
 * UTF-8 bytes to the VM as modified UTF-8, so everything from the first emoji or NUL on is lost (DJL 0.34).
 */
final class PieceDecoder {
    private static final char SPACE_MARK = '\u2581';

    private final SentencePieceModel model;
    private final ByteArrayOutputStream utf8 = new ByteArrayOutputStream();
    private boolean atStart = true;

    PieceDecoder(SentencePieceModel model) {
        this.model = model;
    }

    String decode(int[] ids) {
        for (int id : ids) {
            append(model.pieces().get(id));
        }
        String text = utf8.toString(UTF_8);
        boolean droppedSuffix = model.decoding().spaceIsSuffix() && dropsMark() && text.endsWith(" ");
        return droppedSuffix ? text.substring(0, text.length() - 1) : text;
    }

    private boolean dropsMark() {
        return model.decoding().dummyPrefix() || model.decoding().removeSpaces();
    }

    private void append(Piece piece) {
        switch (piece.type()) {
            case CONTROL -> {
                // Invisible, and the text after it has not begun.
            }
            case BYTE -> {
                utf8.write(piece.value());
                atStart = false;
            }
            case UNKNOWN -> write(model.decoding().unknownText());
            default -> write(visible(piece.text()));
        }
    }

    /** Without the space that encoding put before the first word. */
    private String visible(String text) {
        boolean drop = atStart && dropsMark() && !model.decoding().spaceIsSuffix() && text.charAt(0) == SPACE_MARK;
        if (!drop) {
            return text.replace(SPACE_MARK, ' ');
        }
        if (!model.decoding().removeSpaces()) {
            atStart = false;
        }
        return text.substring(1).replace(SPACE_MARK, ' ');
    }

    private void write(String text) {
        utf8.writeBytes(text.getBytes(UTF_8));
        atStart = atStart && text.isEmpty();
    }
}
