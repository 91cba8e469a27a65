package io.github.gptmoe.core.accounting;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.NamedAttention;

/**
 * What the memory of a micro-batch depends on besides the model.
 *
 * @param sequences B, sequences of the micro-batch
 * @param length L, tokens of a sequence
 * @param precision of activations and weights
 * @param gradientPrecision of the accumulators of weight gradients
 * @param attention form of attention
 * @param gpu whether kernels are those of a GPU; some keep and allocate other things than those of a CPU
 * @param expertRanks ranks among which the experts of a layer are divided; 1 if they are not
 */
public record StepShape(
        long sequences,
        long length,
        Precision precision,
        Precision gradientPrecision,
        NamedAttention attention,
        boolean gpu,
        int expertRanks) {

    /**
     * Tokens of the micro-batch.
     *
     * @return T = B L
     */
    public long tokens() {
        return Math.multiplyExact(sequences, length);
    }

    /** Bytes of an array of {@code tokens} x {@code width} activations. */
    long rows(long tokens, long width) {
        return Math.multiplyExact(Math.multiplyExact(tokens, width), (long) precision.bytes());
    }

    /** Bytes of the residual stream: {@code T D} activations. */
    long stream(long width) {
        return rows(tokens(), width);
    }

    boolean low() {
        return precision != Precision.FP32;
    }

    /** A weight's gradient is a temporary where it cannot be added up inside its product. */
    long gradientTemporary(long weights) {
        return precision == gradientPrecision ? 0 : Math.multiplyExact(weights, (long) precision.bytes());
    }
}
