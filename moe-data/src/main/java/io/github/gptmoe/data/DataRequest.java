package io.github.gptmoe.data;

/**
 * What a run wants of its data.
 *
 * @param sequenceLength L, tokens of a sample's inputs
 * @param seed decides the order of the samples
 * @param validationSequences sequences of a validation, if there are as many
 */
public record DataRequest(int sequenceLength, long seed, int validationSequences) {
    /**
     * Checks the numbers.
     *
     * @param sequenceLength at least 1
     * @param seed any number
     * @param validationSequences at least 1
     */
    public DataRequest {
        if (sequenceLength < 1 || validationSequences < 1) {
            throw new IllegalArgumentException(
                    "sequences of " + sequenceLength + ", " + validationSequences + " of them for a validation");
        }
    }
}
