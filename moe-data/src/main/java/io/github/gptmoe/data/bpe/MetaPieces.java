package io.github.gptmoe.data.bpe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The pieces that do not come from the text, in the order of their ids, which begin at 0. */
final class MetaPieces {
    static final String UNKNOWN = "<unk>";
    static final String BEGIN = "<s>";
    static final String END = "</s>";
    static final int BYTES = 256;

    private MetaPieces() {}

    /** The numbers that a model file has for the types of pieces. */
    enum Type {
        NORMAL(1),
        UNKNOWN(2),
        CONTROL(3),
        USER_DEFINED(4),
        BYTE(6);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /** One entry of the vocabulary. */
    record Piece(String text, Type type) {}

    /** {@code <s>} or {@code </s>} among the symbols only changes what kind of piece that is. */
    static List<Piece> of(BpeConfig config) {
        List<Piece> pieces = new ArrayList<>();
        pieces.add(new Piece(UNKNOWN, Type.UNKNOWN));
        pieces.add(new Piece(BEGIN, Type.CONTROL));
        pieces.add(new Piece(END, Type.CONTROL));
        config.symbols().control().forEach(text -> add(pieces, new Piece(text, Type.CONTROL)));
        config.symbols().userDefined().forEach(text -> add(pieces, new Piece(text, Type.USER_DEFINED)));
        if (config.alphabet().byteFallback()) {
            for (int value = 0; value < BYTES; value++) {
                pieces.add(new Piece(byteName(value), Type.BYTE));
            }
        }
        return List.copyOf(pieces);
    }

    private static void add(List<Piece> pieces, Piece piece) {
        switch (piece.text()) {
            case BEGIN -> pieces.set(1, piece);
            case END -> pieces.set(2, piece);
            default -> pieces.add(piece);
        }
    }

    static boolean isByte(String text) {
        return text.matches("<0x[0-9A-F]{2}>");
    }

    private static String byteName(int value) {
        return String.format(Locale.ROOT, "<0x%02X>", value);
    }
}
