package io.github.gptmoe.data.task;

import java.util.Collection;

/**
 * What did not fit, over many prompts.
 *
 * @param prompts how many prompts
 * @param cutPrompts how many of them had their texts cut
 * @param cutCharacters how many characters were cut
 * @param leftOutExamples how many examples were left out
 */
public record PromptCounts(long prompts, long cutPrompts, long cutCharacters, long leftOutExamples) {
    /**
     * Adds prompts up.
     *
     * @param prompts any number of them
     * @return their sums
     */
    public static PromptCounts of(Collection<ScoringPrompt> prompts) {
        return new PromptCounts(
                prompts.size(),
                prompts.stream().filter(prompt -> prompt.cutCharacters() > 0).count(),
                prompts.stream().mapToLong(ScoringPrompt::cutCharacters).sum(),
                prompts.stream().mapToLong(ScoringPrompt::leftOutExamples).sum());
    }
}
