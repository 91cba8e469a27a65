package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.LayerKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.router.Router;
import java.util.List;
import java.util.Optional;

/** A pre-norm decoder block: causal self-attention, then a dense FFN or experts, each with its residual connection. */
public final class DecoderStage extends Stage {
    /** Beyond this length the explicit T x T scores of plain attention cost more than the fused form saves. */
    private static final long PLAIN_ATTENTION_LENGTH = 1024;

    private final int index;
    private final int heads;
    private final List<ModelParameter> attention;
    private final FeedForward feedForward;

    DecoderStage(int index, ModelConfig config) {
        super("blocks." + index);
        this.index = index;
        heads = config.heads();
        attention = attentionParameters(name(), config);
        feedForward = config.isMoe(index) ? new MoeFeedForward(index, config) : new DenseFeedForward(name(), config);
        attention.forEach(this::register);
        feedForward.parameters().forEach(this::register);
    }

    private static List<ModelParameter> attentionParameters(String block, ModelConfig config) {
        long hidden = config.hidden();
        double outputStd = config.initStd() / Math.sqrt(2.0 * config.layers());
        return List.of(
                ModelParameter.scale(block + ".attention_norm.weight", hidden),
                ModelParameter.bias(block + ".attention_norm.bias", hidden),
                ModelParameter.weight(block + ".attention.qkv.weight", config.initStd(), 3 * hidden, hidden),
                ModelParameter.bias(block + ".attention.qkv.bias", 3 * hidden),
                ModelParameter.weight(block + ".attention.output.weight", outputStd, hidden, hidden),
                ModelParameter.bias(block + ".attention.output.bias", hidden));
    }

    /**
     * The block's router.
     *
     * @return empty in a dense block
     */
    public Optional<Router> router() {
        return feedForward.router();
    }

    @Override
    public StageOutput run(ParameterStore weights, NDArray xBLD, StageContext context) {
        NDArray attendedBLD = LayerKernels.attention(
                context.scope(), xBLD, arrays(weights, context.scope(), attention), heads, fused(xBLD, context));
        return feedForward.run(weights, attendedBLD, context);
    }

    /** Measured on CPU: plain softmax attention wins in BF16 at moderate lengths, the fused kernel in FP32. */
    private static boolean fused(NDArray xBLD, StageContext context) {
        return context.precision() == Precision.FP32
                || context.scope().getDevice().isGpu()
                || xBLD.getShape().get(1) > PLAIN_ATTENTION_LENGTH;
    }

    @Override
    public StageOutput runCached(ParameterStore weights, NDArray xBLD, StageContext context, KeyValueCache cache) {
        NDArray attendedBLD = LayerKernels.attentionCached(
                context.scope(),
                xBLD,
                arrays(weights, context.scope(), attention),
                heads,
                cache.length(),
                cache.keys(index),
                cache.values(index));
        return feedForward.run(weights, attendedBLD, context);
    }
}
