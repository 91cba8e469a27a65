package io.github.gptmoe.train.attention;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the forms of attention in one case.
 *
 * @param measured the case
 * @param timings of the forms that fit and work, in the order of their names' list
 * @param chosen name of the form that a run takes
 * @param source {@code measured} or {@code table}
 * @param table the table's file, or null without a table
 * @param leftOut name to reason of each form that has no timing: it does not fit, was refused, or is far too slow
 */
public record AttentionTuning(
        @JsonUnwrapped AttentionCase measured,
        List<AttentionTiming> timings,
        String chosen,
        String source,
        @Nullable String table,
        Map<String, String> leftOut) {

    /** Value of {@link #source} when nothing had to be measured. */
    public static final String FROM_TABLE = "table";

    /** Value of {@link #source} when something had to be. */
    public static final String MEASURED = "measured";

    /**
     * Where the timings come from, for a person.
     *
     * @return for example {@code measured now, kept in FILE}
     */
    @JsonIgnore
    public String origin() {
        if (source.equals(FROM_TABLE)) {
            return "from the table " + table;
        }
        return table == null ? "measured now" : "measured now, kept in " + table;
    }
}
