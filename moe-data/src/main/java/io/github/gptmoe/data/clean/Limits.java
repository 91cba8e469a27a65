package io.github.gptmoe.data.clean;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Collects what is wrong with the values of a section. */
final class Limits {
    private final Map<String, String> problems = new LinkedHashMap<>();

    Limits share(String key, double value) {
        return require(value >= 0 && value <= 1, key, "is " + value + "; it must lie between 0 and 1");
    }

    Limits atLeast(String key, long value, long least) {
        return require(value >= least, key, "is " + value + "; it must be at least " + least);
    }

    Limits require(boolean holds, String key, String problem) {
        if (!holds) {
            problems.putIfAbsent(key, problem);
        }
        return this;
    }

    Map<String, String> problems() {
        return problems;
    }

    /** A measured share beside its limit, for a reason. */
    static String said(String what, double value, double limit) {
        return String.format(Locale.ROOT, "%s %.3f (limit %.3f)", what, value, limit);
    }
}
