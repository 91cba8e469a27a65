package io.github.gptmoe.data.task;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern's text cut at its braces.
 *
 * @param pieces in order; no literal one follows another
 */
public record PatternPieces(List<Piece> pieces) {
    static final String LABEL = "label";

    /**
     * Copies the list.
     *
     * @param pieces as above
     */
    public PatternPieces {
        pieces = List.copyOf(pieces);
    }

    /**
     * Fixed words, or the name between braces.
     *
     * @param text the words, or the name
     * @param literal whether it is words
     */
    public record Piece(String text, boolean literal) {
        /**
         * Whether the label stands here.
         *
         * @return false for words and slots
         */
        public boolean isLabel() {
            return !literal && text.equals(LABEL);
        }
    }

    /** Why a pattern cannot be read; the text completes "text: ". */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String problem) {
            super(problem);
        }
    }

    static PatternPieces parse(String text) throws Unreadable {
        List<Piece> pieces = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int index = 0;
        while (index < text.length()) {
            char unit = text.charAt(index);
            boolean doubled = index + 1 < text.length() && text.charAt(index + 1) == unit;
            if ((unit == '{' || unit == '}') && doubled) {
                literal.append(unit);
                index += 2;
            } else if (unit == '{') {
                int end = text.indexOf('}', index);
                if (end < 0) {
                    throw new Unreadable("'{' at character " + (index + 1) + " is not closed; write {{ for a brace");
                }
                addLiteral(pieces, literal);
                pieces.add(new Piece(text.substring(index + 1, end), false));
                index = end + 1;
            } else if (unit == '}') {
                throw new Unreadable("'}' at character " + (index + 1) + " closes nothing; write }} for a brace");
            } else {
                literal.append(unit);
                index++;
            }
        }
        addLiteral(pieces, literal);
        return new PatternPieces(pieces);
    }

    private static void addLiteral(List<Piece> pieces, StringBuilder literal) {
        if (!literal.isEmpty()) {
            pieces.add(new Piece(literal.toString(), true));
            literal.setLength(0);
        }
    }

    List<String> slots() {
        return pieces.stream()
                .filter(piece -> !piece.literal() && !piece.isLabel())
                .map(Piece::text)
                .toList();
    }

    long labels() {
        return pieces.stream().filter(Piece::isLabel).count();
    }
}
