package io.github.gptmoe.train.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what is wrong with one section: key to rule and remedy, the first problem of a key wins. */
final class Rules {

    private final Map<String, String> problems = new LinkedHashMap<>();

    Rules require(boolean holds, String key, String problem) {
        if (!holds) {
            problems.putIfAbsent(key, problem);
        }
        return this;
    }

    Rules atLeast(String key, long value, long minimum) {
        return require(value >= minimum, key, value + " must be at least " + minimum);
    }

    Rules positive(String key, double value, String example) {
        return require(
                value > 0 && Double.isFinite(value), key, value + " must be greater than 0, for example " + example);
    }

    /** For what is added to keep a divisor from 0: in FP32 a smaller number is 0, or counts as 0 on some processors. */
    Rules normal(String key, double value, String example) {
        return positive(key, value, example)
                .require(
                        value >= Float.MIN_NORMAL && value <= Float.MAX_VALUE,
                        key,
                        value + " must lie between 1.2e-38 and 3.4e38, the normal FP32 numbers, for example "
                                + example);
    }

    Rules fraction(String key, double value, String example) {
        return require(value >= 0 && value < 1, key, value + " must be at least 0 and below 1, for example " + example);
    }

    Rules oneOf(String key, String value, List<String> allowed) {
        return require(
                allowed.contains(value), key, "'" + value + "' is not available; use " + String.join(" or ", allowed));
    }

    Rules section(String key, Map<String, String> inner) {
        inner.forEach((name, problem) -> problems.putIfAbsent(key + "." + name, problem));
        return this;
    }

    /** Takes over what another object found out about keys of this section. */
    Rules section(Map<String, String> inner) {
        inner.forEach(problems::putIfAbsent);
        return this;
    }

    Map<String, String> problems() {
        return Collections.unmodifiableMap(problems);
    }
}
