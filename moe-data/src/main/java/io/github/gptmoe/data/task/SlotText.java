package io.github.gptmoe.data.task;

import org.jspecify.annotations.Nullable;

/**
 * The text of a slot, which can be shortened: in the middle, or, around a blank, from both ends. Lengths are in characters
 * (Unicode code points).
 *
 * @param head the text, or what stands before its blank
 * @param tail what stands after its blank; null where it has none
 */
record SlotText(String head, @Nullable String tail) {
    static SlotText of(String text, @Nullable String blank) {
        if (blank == null) {
            return new SlotText(text, null);
        }
        int at = text.indexOf(blank);
        return new SlotText(text.substring(0, at), text.substring(at + blank.length()));
    }

    int length() {
        return points(head) + (tail == null ? 0 : points(tail));
    }

    /** At most {@code limit} characters of it: its two ends, or what is next to the blank. */
    SlotText cut(int limit) {
        if (length() <= limit) {
            return this;
        }
        if (tail == null) {
            return new SlotText(first(head, limit - limit / 2) + last(head, limit / 2), null);
        }
        int keptAfter = Math.min(points(tail), Math.max(limit / 2, limit - points(head)));
        return new SlotText(last(head, limit - keptAfter), first(tail, keptAfter));
    }

    private static int points(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String first(String text, int count) {
        return text.substring(0, text.offsetByCodePoints(0, count));
    }

    private static String last(String text, int count) {
        return text.substring(text.offsetByCodePoints(text.length(), -count));
    }
}
