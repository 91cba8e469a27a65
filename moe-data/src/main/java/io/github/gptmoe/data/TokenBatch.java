package io.github.gptmoe.data;

/**
 * B sequences of L tokens and, for each token, the one that follows it. The arrays are row-major (B, L), belong to the
 * batch's user and are not copied.
 *
 * @param firstSample the number of the first sequence over all epochs; for validation, its place in the stream
 * @param sequences B
 * @param length L
 * @param inputs B * L token ids
 * @param targets B * L token ids: {@code targets[b * L + i]} follows {@code inputs[b * L + i]} in the stream
 * @param weights how much the loss of each target counts, B * L numbers; empty for 1 everywhere
 */
@SuppressWarnings("ArrayRecordComponent") // Handed to the device as they are; batches are never compared.
public record TokenBatch(long firstSample, int sequences, int length, long[] inputs, long[] targets, float[] weights) {
    private static final float[] ALL_ONE = {};

    /**
     * Checks the sizes.
     *
     * @param firstSample number of the first sequence
     * @param sequences B, at least 1
     * @param length L, at least 1
     * @param inputs B * L ids
     * @param targets B * L ids
     * @param weights B * L numbers, or none
     */
    public TokenBatch {
        if (sequences < 1 || length < 1) {
            throw new IllegalArgumentException("a batch of " + sequences + " sequences of " + length + " tokens");
        }
        int expected = Math.multiplyExact(sequences, length);
        if (inputs.length != expected || targets.length != expected) {
            throw new IllegalArgumentException(
                    "expected " + expected + " inputs and targets, got " + inputs.length + " and " + targets.length);
        }
        if (weights.length != 0 && weights.length != expected) {
            throw new IllegalArgumentException("expected " + expected + " weights or none, got " + weights.length);
        }
    }

    /**
     * A batch of plain text: every target counts 1.
     *
     * @param firstSample number of the first sequence
     * @param sequences B, at least 1
     * @param length L, at least 1
     * @param inputs B * L ids
     * @param targets B * L ids
     */
    public TokenBatch(long firstSample, int sequences, int length, long[] inputs, long[] targets) {
        this(firstSample, sequences, length, inputs, targets, ALL_ONE);
    }
}
