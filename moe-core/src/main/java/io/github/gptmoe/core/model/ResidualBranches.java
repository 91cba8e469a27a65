package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.FeedForwardKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.ResidualMixKernels;
import java.util.List;

/**
 * Experts beside a dense network, mixed per token.
 *
 * @param experts forward run of the experts
 * @param output the layer's output
 * @param denseParameters parameters of the dense branch
 * @param denseArrays the arrays it ran with
 * @param dense its forward run
 * @param gateParameters parameters of the two-way gate
 * @param gateArrays the arrays it ran with
 * @param mix the mixing
 */
record ResidualBranches(
        ExpertRun experts,
        StageOutput output,
        FfnParameters denseParameters,
        NDList denseArrays,
        FeedForwardKernels.Recorded dense,
        List<ModelParameter> gateParameters,
        NDList gateArrays,
        ResidualMixKernels.Recorded mix)
        implements MoeBranches {

    @Override
    public InputGrads backward(NDArray gradBLD, BackwardContext context) {
        NDManager scope = context.scope();
        GradientStore gradients = context.gradients();
        ResidualMixKernels.InputGrads mixed =
                ResidualMixKernels.backward(scope, mix, gradBLD, gateArrays, gradients.of(gateParameters));
        NDArray denseTD = FeedForwardKernels.backward(
                scope, dense, mixed.denseTD(), denseArrays, gradients.of(denseParameters.all()));
        InputGrads expertGrads = experts.backward(mixed.expertTD(), context);
        Precision.add(expertGrads.hTD(), denseTD);
        Precision.add(expertGrads.hTD(), mixed.hTD());
        return expertGrads;
    }
}
