package io.github.gptmoe.data.task;

/**
 * A part of a slot's text that is put between marks. Its place is given twice in a row, by number and by its text; a row
 * where the two do not agree is refused.
 *
 * @param text path of the field with the span's text, such as {@code target.span1_text}
 * @param start path of the field with the number of characters (Unicode code points) before it
 * @param before what is written before it; default nothing
 * @param after what is written after it; default nothing
 */
public record TaskSpan(String text, String start, String before, String after) {
    /**
     * Fills defaults in for nulls; {@link Task#problems()} judges the values.
     *
     * @param text field of the text
     * @param start field of the place
     * @param before mark before it
     * @param after mark after it
     */
    public TaskSpan {
        text = text == null ? "" : text;
        start = start == null ? "" : start;
        before = before == null ? "" : before;
        after = after == null ? "" : after;
    }
}
