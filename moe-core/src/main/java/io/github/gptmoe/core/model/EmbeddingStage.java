package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.Accumulators;
import io.github.gptmoe.core.kernel.DecodeKernels;
import io.github.gptmoe.core.kernel.EmbeddingKernels;

/** Token table plus learned positions: ids (B, L) to the residual stream (B, L, D). */
public final class EmbeddingStage extends Stage {
    private final ModelParameter tokens;
    private final long hidden;

    EmbeddingStage(ModelConfig config) {
        super("embedding");
        hidden = config.hidden();
        tokens = register(ModelParameter.weight(
                "token_embedding.weight", config.initStd(), config.vocabulary(), config.hidden()));
        register(ModelParameter.of(
                "position_embedding.weight",
                Start.normal(config.initStd()),
                false,
                false,
                config.sequenceLength(),
                config.hidden()));
    }

    /**
     * The token table, which the head shares.
     *
     * @return parameter of shape (V, D)
     */
    public ModelParameter tokens() {
        return tokens;
    }

    @Override
    public StageOutput run(ParameterStore weights, NDArray idsBL, StageContext context) {
        NDList tables = weights(weights, context.scope());
        return StageOutput.of(EmbeddingKernels.embed(context.scope(), idsBL, tables.get(0), tables.get(1)));
    }

    /** Embeds tokens at positions of their own; (B, L) twice to (B, L, D). */
    NDArray at(ParameterStore weights, NDArray idsBL, NDArray positionsBL, NDManager scope) {
        return DecodeKernels.embed(scope, idsBL, positionsBL, weights(weights, scope));
    }

    /** Embeds the next token of every sequence of a cache; (B) to (B, D). */
    NDArray step(ParameterStore weights, NDArray idsB, NDArray lengthsB, NDManager scope) {
        return DecodeKernels.embed(scope, idsB, lengthsB, weights(weights, scope));
    }

    /**
     * Leaves the gradients of both tables; that of the token table is added to what the head left there.
     *
     * @param idsBL the ids of the forward run
     * @param gradBLD gradient of its output
     * @param into accumulators of {@link #modelParameters}, in order
     */
    public void backward(NDArray idsBL, NDArray gradBLD, Accumulators into) {
        EmbeddingKernels.embedBackward(idsBL, gradBLD, into);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(hidden)};
    }
}
