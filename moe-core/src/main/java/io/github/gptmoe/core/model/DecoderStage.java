package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.DecodeKernels;
import io.github.gptmoe.router.Router;
import java.util.Optional;

/** A pre-norm decoder block: causal self-attention, then a dense FFN or experts, each with its residual connection. */
public final class DecoderStage extends Stage {
    private final SelfAttention attention;
    private final FeedForward feedForward;

    DecoderStage(int index, ModelConfig config) {
        super("blocks." + index);
        attention = new SelfAttention(index, config);
        feedForward = config.isMoe(index) ? new MoeFeedForward(index, config) : new DenseFeedForward(name(), config);
        attention.parameters().forEach(this::register);
        feedForward.parameters().forEach(this::register);
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
        return feedForward.run(weights, attention.run(weights, xBLD, context), context);
    }

    /** Runs the block on whole beginnings of sequences, whose keys and values go to the cache from a row on. */
    NDArray prefill(ParameterStore weights, NDArray xBLD, StageContext context, KeyValueCache cache, int firstRow) {
        NDArray attendedBLD = attention.prefill(weights, xBLD, context, cache, firstRow);
        return feedForward.run(weights, attendedBLD, context).hiddenBLD();
    }

    /** Runs the block on the next token of every sequence of a cache (B, D). */
    BlockStep step(
            ParameterStore weights,
            NDArray xBD,
            StageContext context,
            KeyValueCache cache,
            DecodeKernels.Places places) {
        return feedForward.step(weights, attention.step(weights, xBD, context, cache, places), context);
    }

    /**
     * Runs the block as {@link #run} does, bit for bit, and keeps what backward needs.
     *
     * @param weights where the arrays of the parameters come from
     * @param xBLD residual stream (B, L, D); kept, not copied
     * @param context scope of everything that is kept, precision and noise
     * @return the output with its way back
     */
    public Recorded record(ParameterStore weights, NDArray xBLD, StageContext context) {
        Recorded attended = attention.record(weights, xBLD, context);
        Recorded fed = feedForward.record(weights, attended.output().hiddenBLD(), context);
        return new Recorded() {
            @Override
            public StageOutput output() {
                return fed.output();
            }

            @Override
            public NDArray backward(NDArray gradBLD, BackwardContext back) {
                try (NDManager inner = back.scope().newSubManager()) {
                    return attended.backward(fed.backward(gradBLD, back.in(inner)), back);
                }
            }
        };
    }
}
