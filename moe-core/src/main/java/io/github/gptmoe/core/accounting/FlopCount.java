package io.github.gptmoe.core.accounting;

import static java.lang.Math.addExact;
import static java.lang.Math.multiplyExact;

import io.github.gptmoe.core.model.ModelConfig;

/**
 * Model arithmetic of a training step, per token: what the mathematics needs, whatever an implementation spends.
 *
 * <p>A weight that a token meets costs one multiplication and one addition forward and twice that backward, 6 operations:
 *
 * <pre>
 * attention    6 * 4 D^2 a block, and 6 S D for scores and values (causal: half of 12 S D)
 * FFN          6 * 8 D^2 a block; twice with the residual dense path
 * head         6 * V D
 * </pre>
 *
 * <p>Biases, norms, softmax, the router, the residual gate and anything recomputed are not counted, so a utilisation
 * based on this figure is comparable between implementations and never flattered.
 *
 * @param blocks operations of all decoder blocks, a token
 * @param head operations of the output projection, a token
 */
public record FlopCount(long blocks, long head) {

    /**
     * Counts a whole model.
     *
     * @param model its shape
     * @return operations of one training step for each token
     * @throws ArithmeticException if a count does not fit a {@code long}
     */
    public static FlopCount of(ModelConfig model) {
        long blocks = 0;
        for (int block = 0; block < model.layers(); block++) {
            blocks = addExact(blocks, ofBlock(model, block));
        }
        return new FlopCount(blocks, multiplyExact(6L * model.vocabulary(), (long) model.hidden()));
    }

    /**
     * Counts one decoder block.
     *
     * @param model its shape
     * @param block block index from 0
     * @return operations of one training step for each token
     * @throws ArithmeticException if a count does not fit a {@code long}
     */
    public static long ofBlock(ModelConfig model, int block) {
        long width = model.hidden();
        long square = multiplyExact(width, width);
        long matrices = multiplyExact(model.isMoe(block) && model.residual() ? 20 : 12, square);
        long scores = multiplyExact(model.sequenceLength(), width);
        return multiplyExact(6, addExact(matrices, scores));
    }

    /**
     * Forward and backward arithmetic of one token.
     *
     * @return operations
     */
    public long perToken() {
        return addExact(blocks, head);
    }
}
