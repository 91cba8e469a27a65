package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.Accumulators;
import io.github.gptmoe.core.kernel.DecodeKernels;
import io.github.gptmoe.core.kernel.HeadKernels;
import java.util.List;

/** Final norm, tied output projection, cross entropy. */
public final class HeadStage extends Stage {
    private final ModelParameter tokens;
    private final long vocabulary;

    HeadStage(ModelConfig config, ModelParameter tokens) {
        super("head");
        this.tokens = tokens;
        this.vocabulary = config.vocabulary();
        register(ModelParameter.normScale("final_norm.weight", config.hidden()));
        register(ModelParameter.normShift("final_norm.bias", config.hidden()));
    }

    /**
     * Everything the head reads: its own norm and the token table, which belongs to the embedding.
     *
     * @return norm weight, norm bias, token table
     */
    public List<ModelParameter> allParameters() {
        return List.of(modelParameters().get(0), modelParameters().get(1), tokens);
    }

    /** Logits as the hidden output, FP32 (B, L, V). */
    @Override
    public StageOutput run(ParameterStore weights, NDArray xBLD, StageContext context) {
        return StageOutput.of(HeadKernels.logits(context.scope(), xBLD, arrays(weights, context.scope())));
    }

    /** Logits of a few tokens (B, D), FP32 (B, V). */
    NDArray step(ParameterStore weights, NDArray xBD, NDManager scope) {
        return DecodeKernels.logits(scope, xBD, arrays(weights, scope));
    }

    /**
     * Loss of every target.
     *
     * @param weights where the arrays of the parameters come from
     * @param xBLD residual stream after the last block
     * @param targetsBL target ids, int64
     * @param context scope of the result
     * @param chunk tokens whose logits exist at a time
     * @return negative log-likelihood in nats, FP32 (T)
     */
    public NDArray tokenLosses(
            ParameterStore weights, NDArray xBLD, NDArray targetsBL, StageContext context, int chunk) {
        return HeadKernels.tokenLosses(context.scope(), xBLD, arrays(weights, context.scope()), targetsBL, chunk);
    }

    /**
     * Log-probabilities of next tokens, several a place if need be; only the places asked about cost logits.
     *
     * @param weights where the arrays of the parameters come from
     * @param xBLD residual stream after the last block
     * @param asked places of the flattened batch and tokens
     * @param context scope of the temporary arrays
     * @param chunk places whose logits exist at a time
     * @return natural logs, in the order of {@link NextTokens#index}
     */
    public float[] logProbabilities(
            ParameterStore weights, NDArray xBLD, NextTokens asked, StageContext context, int chunk) {
        if (asked.size() == 0) {
            return new float[0];
        }
        try (NDManager inner = context.scope().newSubManager()) {
            return HeadKernels.logProbabilities(inner, xBLD, arrays(weights, inner), asked.arrays(inner), chunk)
                    .toFloatArray();
        }
    }

    /**
     * What {@link #nextTokens} found, in the order of {@link NextTokens#index}.
     *
     * @param logProbabilities natural logs
     * @param best for each question the most probable token of its place; of equals the lowest
     */
    @SuppressWarnings("ArrayRecordComponent") // Made once, never compared.
    public record Answers(float[] logProbabilities, long[] best) {}

    /**
     * Log-probabilities of next tokens, and what greedy decoding would take at the same places.
     *
     * @param weights where the arrays of the parameters come from
     * @param xBLD residual stream after the last block
     * @param asked places of the flattened batch and tokens
     * @param context scope of the temporary arrays
     * @param chunk places whose logits exist at a time
     * @return an entry for each question
     */
    public Answers nextTokens(ParameterStore weights, NDArray xBLD, NextTokens asked, StageContext context, int chunk) {
        if (asked.size() == 0) {
            return new Answers(new float[0], new long[0]);
        }
        try (NDManager inner = context.scope().newSubManager()) {
            HeadKernels.Answers answers =
                    HeadKernels.nextTokens(inner, xBLD, arrays(weights, inner), asked.arrays(inner), chunk);
            return new Answers(
                    answers.logProbabilitiesP().toFloatArray(), answers.bestP().toLongArray());
        }
    }

    /**
     * Weighted loss and its gradients, in one pass over chunks of tokens.
     *
     * @param weights where the arrays of the parameters come from
     * @param xBLD residual stream after the last block
     * @param targets target ids and the weight of each token's loss
     * @param context scope of the result
     * @param chunk tokens whose logits exist at a time
     * @param scale factor on every gradient, not on the loss (loss scaling)
     * @param into accumulators of {@link #allParameters}, in order
     * @return loss and gradient of {@code xBLD}
     */
    public HeadKernels.LossAndGrad lossAndBackward(
            ParameterStore weights,
            NDArray xBLD,
            Targets targets,
            StageContext context,
            int chunk,
            double scale,
            Accumulators into) {
        return HeadKernels.lossAndBackward(
                context.scope(),
                xBLD,
                arrays(weights, context.scope()),
                targets.idsBL(),
                targets.weightsT(),
                chunk,
                scale,
                into);
    }

    /**
     * What the head is to predict.
     *
     * @param idsBL target ids, int64 (B, L)
     * @param weightsT weight of each token's loss, FP32 (T)
     */
    public record Targets(NDArray idsBL, NDArray weightsT) {}

    private HeadKernels.Weights arrays(ParameterStore store, NDManager scope) {
        NDList arrays = arrays(store, scope, allParameters());
        return new HeadKernels.Weights(arrays.get(0), arrays.get(1), arrays.get(2));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].slice(0, 2).add(vocabulary)};
    }
}
