package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.text.TextRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that decides a vocabulary, apart from the text.
 *
 * @param vocabulary V, the number of ids: three for {@code <unk>}, {@code <s>}, {@code </s>}, those of {@code symbols},
 *     bytes, single characters and merged pieces together
 * @param softLimit whether a text that yields fewer pieces gives a smaller vocabulary instead of an error
 * @param maxSentenceBytes longest sentence in UTF-8 that is counted; longer ones are left out. 0 for no limit
 * @param text how a text is normalised
 * @param pieces what a piece may look like
 * @param alphabet which single characters are pieces
 * @param symbols further pieces with ids of their own
 */
public record BpeConfig(
        int vocabulary,
        boolean softLimit,
        int maxSentenceBytes,
        TextRules text,
        PieceRules pieces,
        Alphabet alphabet,
        Symbols symbols) {

    /** As many pieces as a model of this project may have. */
    public static final int MAX_VOCABULARY = 1 << 20;

    private static final double LEAST_COVERAGE = 0.98;
    private static final int LEAST_SENTENCE_BYTES = 10;

    /**
     * Pieces that do not come from the text.
     *
     * @param control pieces that no text is ever encoded to, for use by programs
     * @param userDefined texts that are one piece wherever they occur
     */
    public record Symbols(List<String> control, List<String> userDefined) {
        /** None. */
        public static final Symbols NONE = new Symbols(List.of(), List.of());

        /**
         * Copies the lists.
         *
         * @param control pieces that no text is ever encoded to
         * @param userDefined texts that are one piece
         */
        public Symbols {
            control = List.copyOf(control);
            userDefined = List.copyOf(userDefined);
        }
    }

    /**
     * The defaults of {@code spm_train --model_type=bpe}, without its limit on the length of sentences.
     *
     * @param vocabulary the number of ids
     * @return a configuration
     */
    public static BpeConfig standard(int vocabulary) {
        return new BpeConfig(
                vocabulary, false, 0, TextRules.STANDARD, PieceRules.STANDARD, Alphabet.STANDARD, Symbols.NONE);
    }

    /**
     * Checks the values.
     *
     * @throws InputException that names every option with a wrong value
     */
    public void requireValid() {
        List<String> problems = new ArrayList<>();
        if (vocabulary < 1 || vocabulary > MAX_VOCABULARY) {
            problems.add("--vocabulary " + vocabulary + " must be from 1 to " + MAX_VOCABULARY);
        }
        if (maxSentenceBytes != 0 && maxSentenceBytes < LEAST_SENTENCE_BYTES) {
            problems.add("--max-sentence-bytes " + maxSentenceBytes + " must be 0 (no limit) or at least "
                    + LEAST_SENTENCE_BYTES);
        }
        if (!(alphabet.coverage() >= LEAST_COVERAGE && alphabet.coverage() <= 1)) {
            problems.add("--character-coverage " + alphabet.coverage() + " must be from " + LEAST_COVERAGE + " to 1");
        }
        if (alphabet.required().codePoints().anyMatch(BpeConfig::isNoPiece)) {
            problems.add("--required-characters must not hold white space, NUL or halves of characters");
        }
        if (pieces.maxLength() < 1 || pieces.maxLength() > PieceRules.LARGEST_MAX_LENGTH) {
            problems.add(
                    "--max-piece-length " + pieces.maxLength() + " must be from 1 to " + PieceRules.LARGEST_MAX_LENGTH);
        }
        addSymbolProblems(problems);
        if (!problems.isEmpty()) {
            throw new InputException(InputException.Kind.CONFIGURATION, String.join("; ", problems));
        }
    }

    private void addSymbolProblems(List<String> problems) {
        Set<String> seen = new HashSet<>();
        List<String> all = new ArrayList<>(symbols.control());
        all.addAll(symbols.userDefined());
        for (String symbol : all) {
            if (symbol.isEmpty() || symbol.codePoints().anyMatch(point -> point == 0 || isSurrogate(point))) {
                problems.add("a control or user-defined symbol is empty or holds NUL or half a character");
            } else if (symbol.equals(MetaPieces.UNKNOWN)) {
                problems.add(symbol + " is there already and can be neither a control nor a user-defined symbol");
            } else if (alphabet.byteFallback() && MetaPieces.isByte(symbol)) {
                problems.add(symbol + " is the name of a byte piece; call the symbol otherwise");
            } else if (!seen.add(symbol)) {
                problems.add("the symbol " + symbol + " is given twice");
            } else if (isOneCharacter(symbol) && symbols.control().contains(symbol)) {
                // SentencePiece trains such a model, and then fails at every text that has the character.
                problems.add("--control-symbol " + symbol
                        + " is a single character, at which SentencePiece's encoder fails; give it more characters");
            } else if (isOneCharacter(symbol) && alphabet.required().contains(symbol)) {
                problems.add("--required-characters has " + symbol
                        + ", which is a user-defined symbol and so a piece already; leave it out of one of them");
            }
        }
    }

    private static boolean isOneCharacter(String symbol) {
        return symbol.codePointCount(0, symbol.length()) == 1;
    }

    private static boolean isNoPiece(int point) {
        return Character.isWhitespace(point) || point == 0 || isSurrogate(point);
    }

    private static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }
}
