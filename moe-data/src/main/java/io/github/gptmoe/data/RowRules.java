package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of rows of text files that cannot be used, and of long ones.
 *
 * @param badRows what bad rows lead to
 * @param limit how long a row may be
 * @param quarantine where bad rows are written under the policy of that name; null for the other policies
 */
public record RowRules(
        BadRowPolicy badRows, RowLimit limit, @Nullable Path quarantine) {

    /**
     * Checks that a quarantine has a file.
     *
     * @param badRows as above
     * @param limit as above
     * @param quarantine as above
     */
    public RowRules {
        if ((badRows.action() == BadRows.QUARANTINE) != (quarantine != null)) {
            throw new IllegalArgumentException(badRows.action() + " with quarantine " + quarantine);
        }
    }

    /**
     * The usual rules of a command.
     *
     * @param action {@link BadRows#FAIL} or {@link BadRows#SKIP}
     * @return rules with the usual share and the limit of training text
     */
    public static RowRules of(BadRows action) {
        return new RowRules(BadRowPolicy.ofCommand(action, BadRowPolicy.USUAL_SHARE), RowLimit.ofTraining(), null);
    }

    /**
     * Makes rules of values as people write them.
     *
     * @param badRows a label of {@link BadRows}
     * @param maxBadShare from 0 to 1
     * @param longRows a name of {@link LongRows}, in lower case
     * @param maxRowBytes the longest row
     * @param quarantine where bad rows go under that policy
     * @return the rules
     */
    public static RowRules of(String badRows, double maxBadShare, String longRows, int maxRowBytes, Path quarantine) {
        BadRows action = BadRows.valueOf(badRows.toUpperCase(Locale.ROOT));
        return new RowRules(
                BadRowPolicy.ofCommand(action, maxBadShare),
                new RowLimit(maxRowBytes, LongRows.valueOf(longRows.toUpperCase(Locale.ROOT))),
                action == BadRows.QUARANTINE ? quarantine : null);
    }

    /**
     * Judges such values.
     *
     * @param badRows as above
     * @param maxBadShare as above
     * @param longRows as above
     * @param maxRowBytes as above
     * @return for each wrong key, what is wrong and the remedy
     */
    public static Map<String, String> problems(String badRows, double maxBadShare, String longRows, int maxRowBytes) {
        Map<String, String> problems = new LinkedHashMap<>();
        oneOf(
                "badRows",
                badRows,
                Arrays.stream(BadRows.values()).map(BadRows::label).toList(),
                problems);
        // Written so that NaN is refused as well.
        if (!(maxBadShare >= 0 && maxBadShare <= 1)) {
            problems.put("maxBadShare", "is " + maxBadShare + "; it must lie between 0 and 1 (a usual value is 0.001)");
        }
        oneOf(
                "longRows",
                longRows,
                Arrays.stream(LongRows.values()).map(RowRules::label).toList(),
                problems);
        if (maxRowBytes < RowLimit.LEAST_BYTES || maxRowBytes > RowLimit.MOST_BYTES) {
            problems.put(
                    "maxRowBytes",
                    "are " + maxRowBytes + "; give " + RowLimit.LEAST_BYTES + " to " + RowLimit.MOST_BYTES
                            + " bytes (a usual value is " + PackConfig.DEFAULT_ROW_BYTES + ")");
        }
        return problems;
    }

    static String label(LongRows longRows) {
        return longRows.name().toLowerCase(Locale.ROOT);
    }

    private static void oneOf(String key, String value, List<String> allowed, Map<String, String> problems) {
        if (!allowed.contains(value)) {
            problems.put(key, "is \"" + value + "\"; use \"" + String.join("\" or \"", allowed) + "\"");
        }
    }

    /**
     * What decides which documents a file has, for keys of what is remembered.
     *
     * @return text for a digest
     */
    public String identity() {
        return badRows.action().name() + " " + limit.maxBytes() + " " + limit.longRows();
    }
}
