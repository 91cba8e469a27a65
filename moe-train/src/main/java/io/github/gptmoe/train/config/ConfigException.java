package io.github.gptmoe.train.config;

import java.util.List;

/**
 * A configuration that cannot be used, with everything that is wrong with it.
 *
 * <p>The message is meant for the person who wrote the configuration: one line for each problem, with the place, the key,
 * the rule and the remedy.
 */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    /**
     * Reports problems of one configuration.
     *
     * @param source the file, or what else was read
     * @param problems one line each, with place, key, rule and remedy; at least one
     */
    public ConfigException(String source, List<String> problems) {
        super(message(source, problems));
        this.problems = List.copyOf(problems);
    }

    private static String message(String source, List<String> problems) {
        return problems.size() == 1
                ? problems.get(0)
                : source + " has " + problems.size() + " problems:\n  " + String.join("\n  ", problems);
    }

    /**
     * Everything that is wrong.
     *
     * @return one line for each problem, in the order of the file, then of the {@code --set} options
     */
    public List<String> problems() {
        return problems;
    }
}
