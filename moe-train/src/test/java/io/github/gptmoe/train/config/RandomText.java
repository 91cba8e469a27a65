package io.github.gptmoe.train.config;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Texts for properties that must hold for any text. */
final class RandomText {
    static final List<String> EDGES = List.of(
            "",
            " ",
            "a",
            "0",
            "~",
            "null",
            "true",
            "1e3",
            "\"",
            "\\",
            "\n",
            "\r\n",
            "\t",
            "\u0000",
            "\u0085",
            "\u2028",
            "\uFEFF",
            "\uFFFF",
            "😀",
            "今天 天气",
            "a: b # c",
            "x".repeat(255));
    private static final int LONGEST = 255;
    private static final int LATIN = 0x100;

    private RandomText() {}

    /** Up to 255 code points without lone surrogates, half of them from the first 256. */
    static String next(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(LONGEST + 1);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(codePoint(random));
        }
        return text.toString();
    }

    /** Up to 255 of these letters. */
    static String next(SplittableRandom random, String letters) {
        return random.ints(random.nextInt(LONGEST + 1), 0, letters.length())
                .mapToObj(index -> letters.substring(index, index + 1))
                .collect(Collectors.joining());
    }

    /** Readable in a report whatever the text holds. */
    static String escaped(String text) {
        return text.chars()
                .mapToObj(unit -> unit > ' ' && unit <= '~' ? "" + (char) unit : String.format("\\u%04x", unit))
                .collect(Collectors.joining("", "'", "'"));
    }

    private static int codePoint(SplittableRandom random) {
        if (random.nextBoolean()) {
            return random.nextInt(LATIN);
        }
        int bound = random.nextBoolean() ? Character.MAX_VALUE : Character.MAX_CODE_POINT;
        int codePoint = random.nextInt(bound + 1);
        boolean surrogate = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
        return surrogate ? codePoint(random) : codePoint;
    }
}
