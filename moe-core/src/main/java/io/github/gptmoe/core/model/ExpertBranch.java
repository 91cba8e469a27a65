package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * The experts alone: {@code x + expert}.
 *
 * @param experts their forward run
 * @param output the layer's output
 */
record ExpertBranch(ExpertRun experts, StageOutput output) implements MoeBranches {

    @Override
    public InputGrads backward(NDArray gradBLD, BackwardContext context) {
        NDArray gradTD = gradBLD.reshape(new Shape(-1, gradBLD.getShape().get(2)));
        gradTD.attach(context.scope());
        return experts.backward(gradTD, context);
    }
}
