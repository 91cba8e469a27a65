package io.github.gptmoe.data.clean;

/** A pure function of a text, safe for several threads. */
@FunctionalInterface
public interface CleaningRule {

    /**
     * Judges a text.
     *
     * @param text valid Unicode
     * @return the text, changed or not, or why it has to go
     */
    RuleOutcome apply(String text);
}
