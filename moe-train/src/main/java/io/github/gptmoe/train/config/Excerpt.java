package io.github.gptmoe.train.config;

/** Text of any length and content as one short line of a message. */
final class Excerpt {

    private static final int LONGEST = 80;

    private Excerpt() {}

    static String of(String text) {
        int length = Math.min(text.length(), 2 * LONGEST);
        String line = text.substring(0, length).replaceAll("\\p{Cntrl}", " ");
        boolean cut = text.codePointCount(0, text.length()) > LONGEST;
        return cut ? line.substring(0, line.offsetByCodePoints(0, LONGEST)) + "..." : line;
    }
}
