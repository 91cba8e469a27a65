package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.Document;
import java.io.Serializable;

/**
 * A document that a rule changed or dropped.
 *
 * @param rule its name
 * @param file path of the file below the folder that all inputs share
 * @param line its line, from 1
 * @param reason why it was dropped; empty for a change
 * @param before the text before the rule, around the first change
 * @param after the same place after the rule; empty for a dropped document
 */
public record CleanSample(String rule, String file, long line, String reason, String before, String after)
        implements Serializable {
    private static final int LEAD = 30;
    private static final int LENGTH = 160;

    static CleanSample changed(String file, Document document, CleanResult.Change change) {
        int start = Math.max(0, firstDifference(change.before(), change.after()) - LEAD);
        return new CleanSample(
                change.rule(),
                file,
                document.line(),
                "",
                excerpt(change.before(), start),
                excerpt(change.after(), start));
    }

    static CleanSample dropped(String file, Document document, CleanResult result) {
        return new CleanSample(
                result.droppedBy(), file, document.line(), result.reason(), excerpt(document.text(), 0), "");
    }

    private static int firstDifference(String one, String other) {
        int most = Math.min(one.length(), other.length());
        int i = 0;
        while (i < most && one.charAt(i) == other.charAt(i)) {
            i++;
        }
        return i;
    }

    /** A part of a text that divides no pair of surrogates, with marks where more was. */
    private static String excerpt(String text, int from) {
        int start = Math.min(from, text.length());
        int end = Math.min(text.length(), start + LENGTH);
        if (start > 0 && start < text.length() && Character.isLowSurrogate(text.charAt(start))) {
            start--;
        }
        if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
            end--;
        }
        return (start > 0 ? "…" : "") + text.substring(start, end) + (end < text.length() ? "…" : "");
    }
}
