package io.github.gptmoe.data.task;

import java.util.List;

/**
 * A prompt as token ids, with all its candidates. Nobody changes the arrays.
 *
 * @param beforeIds what stands before the label; begins with the end-of-document id
 * @param candidateIds the ids of each candidate, each with at least one
 * @param afterIds what stands after the label; may be empty
 * @param cutCharacters how many characters were cut from the row's texts to make it fit
 * @param leftOutExamples how many examples did not fit
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on to the model as they are; prompts are never compared.
public record ScoringPrompt(
        int[] beforeIds, List<int[]> candidateIds, int[] afterIds, int cutCharacters, int leftOutExamples) {
    /**
     * Copies the list.
     *
     * @param beforeIds ids before the label
     * @param candidateIds ids of the candidates
     * @param afterIds ids after the label
     * @param cutCharacters characters cut
     * @param leftOutExamples examples left out
     */
    public ScoringPrompt {
        candidateIds = List.copyOf(candidateIds);
    }

    /**
     * The number of tokens with the longest candidate filled in.
     *
     * @return the length of the longest sequence to score
     */
    public int tokens() {
        int candidate = candidateIds.stream().mapToInt(ids -> ids.length).max().orElse(0);
        return beforeIds.length + candidate + afterIds.length;
    }
}
