package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.LayerKernels;
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
                ModelParameter.scale(block + ".ffn_norm.weight", config.hidden()),
                ModelParameter.bias(block + ".ffn_norm.bias", config.hidden()));
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
        NDArray yBLD = LayerKernels.denseBlock(
                context.scope(),
                xBLD,
                Stage.arrays(weights, context.scope(), norm),
                Stage.arrays(weights, context.scope(), ffn.all()));
        return StageOutput.of(yBLD);
    }
}
