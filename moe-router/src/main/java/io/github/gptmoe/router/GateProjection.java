package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** The linear map from hidden states to expert logits, s = x W^T, without a bias. */
final class GateProjection {
    private GateProjection() {}

    /** Returns the logits (T, E), attached to the manager of {@code hiddenTD}, from one matrix product. */
    static NDArray logits(NDArray hiddenTD, NDArray weightED) {
        Shape hidden = hiddenTD.getShape();
        Shape weight = weightED.getShape();
        if (hidden.dimension() != 2 || weight.dimension() != 2 || hidden.get(1) != weight.get(1)) {
            throw new IllegalArgumentException("hidden states " + hidden + " do not fit the router weight " + weight
                    + "; (T, D) and (E, D) are expected");
        }
        if (hiddenTD.getDataType() != DataType.FLOAT32 || weightED.getDataType() != DataType.FLOAT32) {
            throw new IllegalArgumentException("routing is done in FP32, but the hidden states are "
                    + hiddenTD.getDataType() + " and the router weight is " + weightED.getDataType()
                    + "; cast them to FP32 first");
        }
        return hiddenTD.matMul(weightED.transpose());
    }
}
