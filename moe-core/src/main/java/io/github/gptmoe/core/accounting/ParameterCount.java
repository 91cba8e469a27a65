package io.github.gptmoe.core.accounting;

import static java.lang.Math.addExact;
import static java.lang.Math.multiplyExact;

import io.github.gptmoe.core.model.ModelConfig;

/**
 * Parameters of a model or of a part of it.
 *
 * <p>With width D and {@code f = 8 D^2 + 5 D} for one FFN (D to 4D to D, with biases):
 *
 * <pre>
 * tables       V D + S D                      token and position table; the head is the token table
 * final norm   2 D
 * block        4 D^2 + 8 D                    attention with biases, two layer norms
 * dense block  + f
 * MoE block    + E f + E D                    experts, router without bias
 * residual     + f + 2 D + 2                  in an MoE block: dense path and its two-way gate
 * </pre>
 *
 * @param total every parameter
 * @param dense what the dense model of the same shape has: tables, norms, attention and one FFN a block; no experts, no
 *     routers, no residual gates
 * @param active what one token meets: {@code total} less the {@code E - 1} experts of each MoE block that it does not
 *     visit; for a dense model the same as {@code total}
 */
public record ParameterCount(long total, long dense, long active) {

    /**
     * Counts a whole model.
     *
     * @param model its shape
     * @return the sum of {@link #ofTables}, {@link #ofBlock} of every block and {@link #ofFinalNorm}
     * @throws ArithmeticException if a count does not fit a {@code long}
     */
    public static ParameterCount of(ModelConfig model) {
        ParameterCount count = ofTables(model).plus(ofFinalNorm(model));
        for (int block = 0; block < model.layers(); block++) {
            count = count.plus(ofBlock(model, block));
        }
        return count;
    }

    /**
     * Counts the token and position tables.
     *
     * @param model its shape
     * @return {@code V D + S D}
     */
    public static ParameterCount ofTables(ModelConfig model) {
        return same(multiplyExact((long) model.vocabulary() + model.sequenceLength(), (long) model.hidden()));
    }

    /**
     * Counts the layer norm before the head.
     *
     * @param model its shape
     * @return {@code 2 D}
     */
    public static ParameterCount ofFinalNorm(ModelConfig model) {
        return same(2L * model.hidden());
    }

    /**
     * Counts one decoder block.
     *
     * @param model its shape
     * @param block block index from 0
     * @return the block's parameters
     * @throws ArithmeticException if a count does not fit a {@code long}
     */
    public static ParameterCount ofBlock(ModelConfig model, int block) {
        long width = model.hidden();
        long square = multiplyExact(width, width);
        long attention = addExact(multiplyExact(4, square), 8 * width);
        long ffn = addExact(multiplyExact(8, square), 5 * width);
        long dense = addExact(attention, ffn);
        if (!model.isMoe(block)) {
            return same(dense);
        }
        long experts = model.expertsOf(block);
        long router = multiplyExact(experts, width);
        long residual = model.residual() ? addExact(ffn, 2 * width + 2) : 0;
        long shared = addExact(addExact(attention, router), residual);
        return new ParameterCount(addExact(shared, multiplyExact(experts, ffn)), dense, addExact(shared, ffn));
    }

    /**
     * Adds two counts.
     *
     * @param other the count of another part
     * @return the sum of each figure
     * @throws ArithmeticException if a sum does not fit a {@code long}
     */
    public ParameterCount plus(ParameterCount other) {
        return new ParameterCount(
                addExact(total, other.total), addExact(dense, other.dense), addExact(active, other.active));
    }

    private static ParameterCount same(long parameters) {
        return new ParameterCount(parameters, parameters, parameters);
    }
}
