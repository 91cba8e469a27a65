package io.github.gptmoe.data;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The section {@code data.weights}: how much each kind of segment counts in the loss, a, b and c of
 * {@code a * context + b * prompt + c * label}; see {@link SegmentedData} for the formula. A null component given to the
 * constructor takes its default.
 *
 * @param context a, of the text itself; default 1
 * @param prompt b, of the words around it; default 1
 * @param label c, of the answer; default 1
 */
public record SegmentWeights(Double context, Double prompt, Double label) {
    /**
     * Fills defaults in for nulls.
     *
     * @param context a
     * @param prompt b
     * @param label c
     */
    public SegmentWeights {
        context = context == null ? 1.0 : context;
        prompt = prompt == null ? 1.0 : prompt;
        label = label == null ? 1.0 : label;
    }

    /**
     * All kinds count alike.
     *
     * @return 1, 1, 1
     */
    public static SegmentWeights defaults() {
        return new SegmentWeights(1.0, 1.0, 1.0);
    }

    /**
     * Judges the values.
     *
     * @return for each wrong key, relative to this section, what is wrong and the remedy; empty when all is well
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        judge(problems, "context", context);
        judge(problems, "prompt", prompt);
        judge(problems, "label", label);
        if (problems.isEmpty() && context + prompt + label == 0) {
            problems.put(
                    "label", "is 0 like context and prompt, so nothing would be learnt; make one of them positive");
        }
        return problems;
    }

    private static void judge(Map<String, String> problems, String key, double value) {
        // Written so that NaN is refused as well.
        if (!(value >= 0 && value <= Float.MAX_VALUE)) {
            problems.put(key, "is " + value + "; it must be 0 (the kind does not count) or positive, such as 1");
        }
    }

    /** The weight of a kind. */
    double of(SegmentedRow.Kind kind) {
        return switch (kind) {
            case CONTEXT -> context;
            case PROMPT -> prompt;
            case LABEL -> label;
        };
    }
}
