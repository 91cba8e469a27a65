package io.github.gptmoe.train.scaling;

import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One value of what grows.
 *
 * @param value the value
 * @param sets overrides that make the configuration out of the base
 * @param config the configuration
 */
public record ScalingPoint(BigDecimal value, List<String> sets, RunConfig config) {
    /** More than any setting has; with it, every value can be written out. */
    private static final int MOST_DIGITS = 40;

    /**
     * Derives the configurations of all values.
     *
     * @param loader makes a configuration out of overrides {@code key=value}; without any, the base
     * @param key what grows: any numeric key. With {@code model.sequenceLength} the batches shrink, so that the tokens of
     *     a step stay; with {@code model.hidden} the heads become more, so that their size stays; {@code model.layers}
     *     repeats MoE layers; {@code model.experts} is one number, 0 for the dense model
     * @param values the values
     * @return a point for each, in their order
     * @throws ConfigException with everything that is wrong with the key and any value
     */
    public static List<ScalingPoint> all(Function<List<String>, RunConfig> loader, String key, List<String> values) {
        RunConfig base = loader.apply(List.of());
        requireNumeric(loader, base, key, values);
        List<ScalingPoint> points = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String text : values) {
            try {
                BigDecimal value = number(text);
                requireNew(points, value);
                List<String> sets = GrowingKey.sets(base, key, value);
                points.add(new ScalingPoint(value, sets, loader.apply(sets)));
            } catch (ConfigException wrong) {
                wrong.problems().forEach(problem -> problems.add(key + "=" + text.strip() + ": " + problem));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException("--over " + key + " --values", problems);
        }
        return List.copyOf(points);
    }

    private static void requireNew(List<ScalingPoint> points, BigDecimal value) {
        for (ScalingPoint point : points) {
            if (point.value.compareTo(value) == 0) {
                throw new ConfigException(
                        "--values", List.of("is given twice, first as " + point.label() + "; keep one"));
            }
        }
    }

    private static void requireNumeric(
            Function<List<String>, RunConfig> loader, RunConfig base, String key, List<String> values) {
        if (GrowingKey.SPECIAL.contains(key)) {
            return;
        }
        String now = ConfigWriter.values(base).get(key);
        if (now == null) { // whoever knows the keys says what is wrong with this one
            now = ConfigWriter.values(loader.apply(List.of(key + "=" + values.get(0))))
                    .get(key);
        }
        if (now == null || !isNumber(now)) {
            throw new ConfigException(
                    "--over",
                    List.of("--over " + key + ": its value, " + now
                            + ", is no number; choose a numeric key, for example "
                            + String.join(", ", GrowingKey.SPECIAL)));
        }
    }

    private static boolean isNumber(String text) {
        try {
            number(text);
            return true;
        } catch (ConfigException word) {
            return false;
        }
    }

    private static BigDecimal number(String text) {
        try {
            BigDecimal number = new BigDecimal(text.strip());
            // Written out, 1e999999999 would not fit the memory.
            if (number.precision() > MOST_DIGITS || number.scale() > MOST_DIGITS || number.scale() < -MOST_DIGITS) {
                throw new ConfigException(
                        "--values",
                        List.of("has more than " + MOST_DIGITS + " digits when written out; give a number with fewer"));
            }
            return number;
        } catch (NumberFormatException word) {
            throw new ConfigException("--values", List.of("'" + text.strip() + "' is no number"));
        }
    }

    /**
     * The value as a person writes it.
     *
     * @return such as {@code 512}
     */
    public String label() {
        return value.toPlainString();
    }

    ParameterCount parameters() {
        return ParameterCount.of(config.model());
    }

    long flopsPerToken() {
        return FlopCount.of(config.model()).perToken();
    }
}
