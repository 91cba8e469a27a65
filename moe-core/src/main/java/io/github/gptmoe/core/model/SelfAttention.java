package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.AttentionKernels;
import io.github.gptmoe.core.kernel.DecodeKernels;
import java.util.List;

/** The first half of a decoder block: norm, causal multi-head attention, residual connection. */
final class SelfAttention {
    private final int block;
    private final int heads;
    private final List<ModelParameter> parameters;

    SelfAttention(int block, ModelConfig config) {
        this.block = block;
        heads = config.heads();
        parameters = parameters("blocks." + block, config);
    }

    private static List<ModelParameter> parameters(String block, ModelConfig config) {
        long hidden = config.hidden();
        double outputStd = config.initStd() / Math.sqrt(2.0 * config.layers());
        return List.of(
                ModelParameter.normScale(block + ".attention_norm.weight", hidden),
                ModelParameter.normShift(block + ".attention_norm.bias", hidden),
                ModelParameter.weight(block + ".attention.qkv.weight", config.initStd(), 3 * hidden, hidden),
                ModelParameter.bias(block + ".attention.qkv.bias", 3 * hidden),
                ModelParameter.weight(block + ".attention.output.weight", outputStd, hidden, hidden),
                ModelParameter.bias(block + ".attention.output.bias", hidden));
    }

    /** Its parameters, in the order in which they are registered with the block. */
    List<ModelParameter> parameters() {
        return parameters;
    }

    /** Runs it on the residual stream (B, L, D); nothing is kept. */
    NDArray run(ParameterStore weights, NDArray xBLD, StageContext context) {
        return AttentionKernels.run(context.scope(), xBLD, arrays(weights, context), heads, form(xBLD, context));
    }

    /** Runs it on whole beginnings, whose keys and values go to the cache from {@code firstRow} on. */
    NDArray prefill(ParameterStore weights, NDArray xBLD, StageContext context, KeyValueCache cache, int firstRow) {
        return AttentionKernels.prefill(
                context.scope(),
                xBLD,
                arrays(weights, context),
                heads,
                form(xBLD, context),
                new AttentionKernels.CacheRows(cache.keys(block), cache.values(block), firstRow));
    }

    /** Runs it on the next token of every sequence of a cache (B, D). */
    NDArray step(
            ParameterStore weights,
            NDArray xBD,
            StageContext context,
            KeyValueCache cache,
            DecodeKernels.Places places) {
        return DecodeKernels.attention(
                context.scope(), xBD, arrays(weights, context), heads, places, cache.keys(block), cache.values(block));
    }

    /** Runs it and keeps what backward needs. */
    Recorded record(ParameterStore weights, NDArray xBLD, StageContext context) {
        NDList arrays = arrays(weights, context);
        AttentionKernels.Recorded kept =
                AttentionKernels.record(context.scope(), xBLD, arrays, heads, form(xBLD, context));
        return new Recorded() {
            @Override
            public StageOutput output() {
                return StageOutput.of(kept.yBLD());
            }

            @Override
            public NDArray backward(NDArray gradBLD, BackwardContext back) {
                return kept.backward(
                        back.scope(), gradBLD, arrays, back.gradients().of(parameters));
            }
        };
    }

    private NDList arrays(ParameterStore weights, StageContext context) {
        return Stage.arrays(weights, context.scope(), parameters);
    }

    private static AttentionForm form(NDArray xBLD, StageContext context) {
        return context.attentionOver(xBLD.getShape().get(1));
    }
}
