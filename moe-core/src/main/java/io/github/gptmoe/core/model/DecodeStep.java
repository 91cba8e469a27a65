package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * The model's opinion on the token after the newest one of each sequence.
 *
 * @param logitsBV FP32 logits (B, V)
 * @param expertsRead of each block, how many experts' weights the step needed; 0 for a dense block
 */
public record DecodeStep(NDArray logitsBV, List<Integer> expertsRead) {
    /**
     * Copies the list.
     *
     * @param logitsBV as above
     * @param expertsRead as above
     */
    public DecodeStep {
        expertsRead = List.copyOf(expertsRead);
    }
}
