package io.github.gptmoe.data.task;

import io.github.gptmoe.data.Tokenizer;
import java.util.stream.IntStream;

/** One id for each UTF-16 unit; the beginning of a document has one more in front, and 龘 is unknown. */
record LetterTokenizer() implements Tokenizer {
    static final int END = 0;
    static final int UNKNOWN = 1;
    static final int BEGIN = 2;
    private static final int FIRST_UNIT = 3;

    @Override
    public int vocabularySize() {
        return FIRST_UNIT + 0x10000;
    }

    @Override
    public int[] encode(String text) {
        return text.isEmpty()
                ? new int[0]
                : IntStream.concat(IntStream.of(BEGIN), IntStream.of(encodeContinuation(text)))
                        .toArray();
    }

    @Override
    public int[] encodeContinuation(String text) {
        return text.chars()
                .map(unit -> unit == '龘' ? UNKNOWN : unit + FIRST_UNIT)
                .toArray();
    }

    /** The beginning shows as ^, the end of a document as $. */
    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(piece(id));
        }
        return text.toString();
    }

    @Override
    public String piece(int id) {
        return switch (id) {
            case END -> "$";
            case UNKNOWN -> "?";
            case BEGIN -> "^";
            default -> String.valueOf((char) (id - FIRST_UNIT));
        };
    }

    @Override
    public int endOfDocument() {
        return END;
    }

    @Override
    public int unknownId() {
        return UNKNOWN;
    }

    @Override
    public String fingerprint() {
        return "letters";
    }

    @Override
    public void close() {}
}
