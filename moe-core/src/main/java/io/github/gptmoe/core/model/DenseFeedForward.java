package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.DecodeKernels;
import io.github.gptmoe.core.kernel.FeedForwardKernels;
import io.github.gptmoe.core.kernel.NormKernels;
import io.github.gptmoe.router.Router;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The ordinary FFN: {@code x + down(gelu(up(norm(x))))}. */
final class DenseFeedForward implements FeedForward {
    private final List<ModelParameter> norm;
    private final FfnParameters ffn;

    DenseFeedForward(String block, ModelConfig config) {
        norm = List.of(
                ModelParameter.normScale(block + ".ffn_norm.weight", config.hidden()),
                ModelParameter.normShift(block + ".ffn_norm.bias", config.hidden()));
        ffn = FfnParameters.of(block + ".ffn", config);
    }

    @Override
    public List<ModelParameter> parameters() {
        return Stream.concat(norm.stream(), ffn.all().stream()).toList();
    }

    @Override
    public Optional<Router> router() {
        return Optional.empty();
    }

    @Override
    public StageOutput run(ParameterStore weights, NDArray xBLD, StageContext context) {
        return record(weights, xBLD, context).output();
    }

    @Override
    public BlockStep step(ParameterStore weights, NDArray xBD, StageContext context) {
        NDManager scope = context.scope();
        NDList normArrays = Stage.arrays(weights, scope, norm);
        return new BlockStep(
                DecodeKernels.feedForward(scope, xBD, normArrays, Stage.arrays(weights, scope, ffn.all())), 0);
    }

    @Override
    public Recorded record(ParameterStore weights, NDArray xBLD, StageContext context) {
        NDManager scope = context.scope();
        NDList normArrays = Stage.arrays(weights, scope, norm);
        NDList ffnArrays = Stage.arrays(weights, scope, ffn.all());
        NormKernels.Recorded normed = NormKernels.layerNorm(scope, xBLD, normArrays);
        FeedForwardKernels.Recorded inner = FeedForwardKernels.run(scope, normed.y(), ffnArrays);
        NDArray yBLD = FeedForwardKernels.addResidual(scope, xBLD, inner.y());
        return new Recorded() {
            @Override
            public StageOutput output() {
                return StageOutput.of(yBLD);
            }

            @Override
            public NDArray backward(NDArray gradBLD, BackwardContext back) {
                NDArray gradTD = FeedForwardKernels.backward(
                        scope, inner, gradBLD, ffnArrays, back.gradients().of(ffn.all()));
                return NormKernels.backward(
                        back.scope(),
                        normed,
                        gradTD,
                        gradBLD,
                        normArrays,
                        back.gradients().of(norm));
            }
        };
    }
}
