package io.github.gptmoe.router;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a router's configuration, so that a person sees every problem in one go. */
final class RouterProblems {
    private final Map<String, String> problems = new LinkedHashMap<>();

    /** Returns the value, or the default where the file does not name the key. */
    static <T> T orDefault(@Nullable T value, T defaultValue) {
        return value == null ? defaultValue : value;
    }

    /** Checks the four keys that every linear router has. */
    RouterProblems linearGate(double balanceCoefficient, double zCoefficient, double jitter, double initStd) {
        notNegative("balanceCoefficient", balanceCoefficient);
        notNegative("zCoefficient", zCoefficient);
        require(
                jitter >= 0 && jitter < 1,
                "jitter",
                jitter,
                "must be at least 0 and below 1, for instance 0.01; 0 is off");
        return notNegative("initStd", initStd);
    }

    RouterProblems notNegative(String key, double value) {
        return require(
                Double.isFinite(value) && value >= 0, key, value, "must be a finite number of at least 0; 0 is off");
    }

    RouterProblems require(boolean holds, String key, Object value, String rule) {
        if (!holds) {
            problems.put(key, "is " + value + ", but " + rule);
        }
        return this;
    }

    Map<String, String> found() {
        return Collections.unmodifiableMap(problems);
    }

    /** Refuses to build a router from values that were not checked, or with sizes no layer has. */
    static void requireBuildable(RouterConfig config, int hidden, int numExperts) {
        Map<String, String> problems = config.problems();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("invalid router configuration: " + problems);
        }
        if (hidden < 1 || numExperts < 1) {
            throw new IllegalArgumentException(
                    "a router needs a width and experts, not hidden " + hidden + " and " + numExperts + " experts");
        }
    }
}
