package io.github.gptmoe.train.config;

import java.util.Map;
import java.util.Objects;

/**
 * What a run shows at its end besides its numbers.
 *
 * @param samplePrompt text that the trained model continues; empty (default) shows no sample
 * @param sampleTokens tokens of that continuation; default 64
 */
public record ReportConfig(String samplePrompt, Integer sampleTokens) {

    /**
     * Fills in defaults.
     *
     * @param samplePrompt as above
     * @param sampleTokens as above
     */
    public ReportConfig {
        samplePrompt = Objects.requireNonNullElse(samplePrompt, "");
        sampleTokens = Objects.requireNonNullElse(sampleTokens, 64);
    }

    /**
     * The section when it is left out.
     *
     * @return no sample
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static ReportConfig defaults() {
        return new ReportConfig(null, null);
    }

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code report} to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        return new Rules().atLeast("sampleTokens", sampleTokens, 1).problems();
    }
}
