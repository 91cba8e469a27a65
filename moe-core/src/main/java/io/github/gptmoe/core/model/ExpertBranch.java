package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.ExpertKernels;
import io.github.gptmoe.core.kernel.ExpertWeights;
import java.util.List;
import java.util.function.Function;

/**
 * The experts alone: {@code x + expert}.
 *
 * @param experts their parameters
 * @param weights the arrays they ran with
 * @param recorded their forward run
 * @param output the layer's output
 */
record ExpertBranch(
        List<FfnParameters> experts, ExpertWeights weights, ExpertKernels.Recorded recorded, StageOutput output)
        implements MoeBranches {

    @Override
    public InputGrads backward(NDArray gradBLD, BackwardContext context) {
        NDArray gradTD = gradBLD.reshape(new Shape(-1, gradBLD.getShape().get(2)));
        gradTD.attach(context.scope());
        return backwardFlat(gradTD, context);
    }

    /** The same for the gradient (T, D) of the experts' result. */
    InputGrads backwardFlat(NDArray gradTD, BackwardContext context) {
        ExpertWeights into =
                collect(experts, parts -> context.gradients().of(parts).arrays());
        boolean add = context.gradients().of(experts.get(0).all()).add();
        ExpertKernels.InputGrads grads = ExpertKernels.backward(context.scope(), recorded, gradTD, weights, into, add);
        return new InputGrads(grads.hTD(), grads.gateT());
    }

    /** Looks up one list for each of the four parts of the experts. */
    static ExpertWeights collect(List<FfnParameters> experts, Function<List<ModelParameter>, NDList> lookup) {
        return new ExpertWeights(
                lookup.apply(experts.stream().map(FfnParameters::upWeight).toList()),
                lookup.apply(experts.stream().map(FfnParameters::upBias).toList()),
                lookup.apply(experts.stream().map(FfnParameters::downWeight).toList()),
                lookup.apply(experts.stream().map(FfnParameters::downBias).toList()));
    }
}
