package io.github.gptmoe.train.tuning;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A value for every switch.
 *
 * @param values key to value, in the order of the axes
 */
public record Combination(Map<String, String> values) {

    /**
     * Copies the values.
     *
     * @param values as above
     */
    public Combination {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * The value of a switch.
     *
     * @param key of an axis
     * @return its value here
     */
    public String get(String key) {
        return Objects.requireNonNull(values.get(key), key);
    }

    /**
     * A neighbour.
     *
     * @param key of an axis
     * @param value for it
     * @return this with one other value
     */
    public Combination with(String key, String value) {
        Map<String, String> changed = new LinkedHashMap<>(values);
        changed.put(key, value);
        return new Combination(changed);
    }

    /**
     * What the configuration has to be overridden with.
     *
     * @return {@code key=value} of each switch that is a key
     */
    public List<String> sets() {
        return values.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(Switches.DEVICES))
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    /**
     * Ranks of the process.
     *
     * @return at least 1
     */
    public int devices() {
        return Integer.parseInt(values.getOrDefault(Switches.DEVICES, "1"));
    }

    /**
     * For a person, without what needs no saying.
     *
     * @return such as {@code microBatch=4 recompute=moe}
     */
    public String label() {
        StringBuilder label = new StringBuilder();
        values.forEach((key, value) -> {
            boolean plain = (key.equals(Switches.DEVICES) && value.equals("1"))
                    || (key.equals(Switches.ZERO_STAGE) && devices() == 1);
            if (!plain) {
                label.append(label.isEmpty() ? "" : " ")
                        .append(key.substring(key.lastIndexOf('.') + 1))
                        .append('=')
                        .append(value);
            }
        });
        return label.toString();
    }
}
