package io.github.gptmoe.train.tuning;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * One switch and the values that are tried.
 *
 * @param key the configuration's key, or {@link Switches#DEVICES}
 * @param values at least one, as a person would write them
 * @param growing whether the values are in the order of the memory that a step needs, everything else being equal, so
 *     that where one does not fit, those after it do not either
 */
public record Axis(String key, List<String> values, boolean growing) {
    private static final List<String> RECOMPUTE_BY_MEMORY = List.of("all", "moe", "none");

    /**
     * Copies the values.
     *
     * @param key as above
     * @param values as above
     * @param growing as above
     */
    public Axis {
        values = List.copyOf(values);
    }

    /**
     * Orders values by what they need, as far as that is known.
     *
     * @param key as above
     * @param values each valid for the key, in any order; repeated ones count once
     * @return the axis
     */
    public static Axis of(String key, List<String> values) {
        List<String> distinct = values.stream().distinct().toList();
        return switch (key) {
            case Switches.MICRO_BATCH, Switches.HEAD_CHUNK -> growing(key, distinct, Long::parseLong);
            case Switches.ZERO_STAGE -> growing(key, distinct, stage -> -Long.parseLong(stage));
            case Switches.RECOMPUTE ->
                RECOMPUTE_BY_MEMORY.containsAll(distinct)
                        ? growing(key, distinct, RECOMPUTE_BY_MEMORY::indexOf)
                        : new Axis(key, distinct, false); // a list of blocks may need more or less than moe
            default -> new Axis(key, distinct, false);
        };
    }

    private static Axis growing(String key, List<String> values, ToLongFunction<String> rank) {
        return new Axis(
                key, values.stream().sorted(Comparator.comparingLong(rank)).toList(), true);
    }
}
