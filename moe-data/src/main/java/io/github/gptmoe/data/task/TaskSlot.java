package io.github.gptmoe.data.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text of a row that patterns can name.
 *
 * @param name what patterns call it, between braces
 * @param field path of its field in a row, such as {@code sentence} or {@code target.span1_text}
 * @param separator what joins the entries of a field that is a list of texts; null where it is one text
 * @param blank what stands in the text where a label goes, exactly once; null where the text has no such place
 * @param optional whether the field may be missing, which is then an empty text; default false
 * @param spans parts of the text to put between marks; default none
 */
public record TaskSlot(
        String name,
        String field,
        @Nullable String separator,
        @Nullable String blank,
        Boolean optional,
        List<TaskSpan> spans) {
    /**
     * Fills defaults in for nulls; {@link Task#problems()} judges the values.
     *
     * @param name name in patterns
     * @param field path in a row
     * @param separator what joins a list
     * @param blank the mark of the label's place
     * @param optional whether rows may lack it
     * @param spans parts to mark
     */
    public TaskSlot {
        name = name == null ? "" : name;
        field = field == null ? "" : field;
        optional = optional != null && optional;
        spans = spans == null ? List.of() : List.copyOf(spans);
    }
}
