package io.github.gptmoe.core.accounting;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelConfig;
import java.util.List;

/**
 * What a decoding step must read from memory, whatever an implementation reads: every weight that some sequence of the batch
 * needs, once, and the keys and values of the tokens before.
 *
 * <p>With width D, b bytes a number (4 in FP32, 2 in BF16 and FP16; norms and router always 4), B sequences and n experts that have a
 * token in an MoE block of E experts:
 *
 * <pre>
 * attention        b (4 D^2 + 4 D)          a block, and 4 * 4 D for the two norms of a block
 * dense FFN        b (8 D^2 + 5 D)
 * MoE block        n b (8 D^2 + 5 D) + 4 E D
 * residual path    b (8 D^2 + 5 D + 2 D + 2)
 * final norm       4 * 2 D
 * head             b V D                    the token table
 * embedding        b 2 D B                  one row of each table a sequence
 * cache            b 2 D                    a block and token before the new ones, all sequences together
 * </pre>
 *
 * <p>Activations, logits and what is written are not counted: they are small, or stay in the processor's caches.
 *
 * @param weights bytes of weights
 * @param cache bytes of keys and values
 */
public record DecodeTraffic(long weights, long cache) {
    private static final long FP32_BYTES = Precision.FP32.bytes();

    /**
     * Counts one step.
     *
     * @param model its shape
     * @param precision of weights, keys and values
     * @param sequences B
     * @param cachedTokens tokens before the new ones, summed over the sequences
     * @param expertsRead n of each block; 0 for a dense block
     * @return bytes
     */
    public static DecodeTraffic of(
            ModelConfig model, Precision precision, int sequences, long cachedTokens, List<Integer> expertsRead) {
        long width = model.hidden();
        long low = precision.bytes();
        long weights = low * width * (model.vocabulary() + 2L * sequences) + FP32_BYTES * 2L * width;
        for (int block = 0; block < model.layers(); block++) {
            weights += low * (4 * width * width + 4 * width) + FP32_BYTES * 4L * width;
            weights += feedForward(model, block, low, expertsRead.get(block));
        }
        return new DecodeTraffic(weights, low * 2 * width * model.layers() * cachedTokens);
    }

    private static long feedForward(ModelConfig model, int block, long low, int expertsRead) {
        long width = model.hidden();
        long ffn = low * (8 * width * width + 5 * width);
        if (!model.isMoe(block)) {
            return ffn;
        }
        long residual = model.residual() ? ffn + low * (2 * width + 2) : 0;
        return expertsRead * ffn + residual + FP32_BYTES * width * model.expertsOf(block);
    }

    /**
     * Both kinds.
     *
     * @return bytes
     */
    public long total() {
        return weights + cache;
    }
}
