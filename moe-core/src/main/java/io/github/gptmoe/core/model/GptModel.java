package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A sparse GPT: token and position embedding, pre-norm decoder blocks of which every {@code moeInterval}-th has experts,
 * final norm and tied output projection (Radford et al. 2019; Fedus et al. 2021 for the experts; Rajbhandari et al. 2022 for
 * the pyramid and the residual path).
 */
public final class GptModel {
    private final ModelConfig config;
    private final EmbeddingStage embedding;
    private final List<DecoderStage> blocks;
    private final HeadStage head;
    private final List<ModelParameter> parameters;

    /**
     * Builds the stages; no array is allocated.
     *
     * @param config the architecture
     * @throws IllegalArgumentException if the configuration has {@linkplain ModelConfig#problems problems}
     */
    public GptModel(ModelConfig config) {
        Map<String, String> problems = config.problems();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("model configuration: " + problems);
        }
        this.config = config;
        embedding = new EmbeddingStage(config);
        List<DecoderStage> decoders = new ArrayList<>();
        for (int index = 0; index < config.layers(); index++) {
            decoders.add(new DecoderStage(index, config));
        }
        blocks = List.copyOf(decoders);
        head = new HeadStage(config, embedding.tokens());
        parameters = collect();
    }

    private List<ModelParameter> collect() {
        List<ModelParameter> all = new ArrayList<>(embedding.modelParameters());
        blocks.forEach(block -> all.addAll(block.modelParameters()));
        all.addAll(head.modelParameters());
        return List.copyOf(all);
    }

    /**
     * Gives every parameter its FP32 array: normal matrices (output projections scaled by 1/sqrt(2L)), zero biases, unit
     * norm scales. Values depend on the seed and the parameter's name only.
     *
     * @param owner manager of the arrays
     * @param seed seed of the initial weights
     */
    public void initialize(NDManager owner, long seed) {
        parameters.forEach(parameter -> parameter.initialize(owner, seed));
    }

    /**
     * The architecture.
     *
     * @return the configuration this model was built from
     */
    public ModelConfig config() {
        return config;
    }

    /**
     * The first stage.
     *
     * @return token and position embedding
     */
    public EmbeddingStage embedding() {
        return embedding;
    }

    /**
     * The decoder blocks.
     *
     * @return unmodifiable list, first block first
     */
    public List<DecoderStage> blocks() {
        return blocks;
    }

    /**
     * The last stage.
     *
     * @return final norm, output projection and loss
     */
    public HeadStage head() {
        return head;
    }

    /**
     * Every parameter once, in the order of the stages.
     *
     * @return unmodifiable list; the shared token table stands with the embedding
     */
    public List<ModelParameter> parameters() {
        return parameters;
    }

    /**
     * Number of weights.
     *
     * @return sum of the sizes of all parameters
     */
    public long parameterCount() {
        return parameters.stream().mapToLong(p -> p.shape().size()).sum();
    }

    /**
     * Residual stream after the last block, for whole sequences; no gradients are recorded.
     *
     * @param weights arrays of the parameters
     * @param idsBL token ids, int64 (B, L)
     * @param context scope and precision
     * @param observer sees every block's output, whose arrays it must not keep
     * @return (B, L, D), attached to the context's scope
     */
    public NDArray hidden(
            ParameterStore weights,
            NDArray idsBL,
            StageContext context,
            BiConsumer<DecoderStage, StageOutput> observer) {
        NDArray xBLD = embedding.run(weights, idsBL, context).hiddenBLD();
        for (DecoderStage block : blocks) {
            try (NDManager inner = context.scope().newSubManager()) {
                StageOutput output = block.run(weights, xBLD, context.in(inner));
                observer.accept(block, output);
                NDArray nextBLD = output.hiddenBLD();
                nextBLD.attach(context.scope());
                xBLD.close();
                xBLD = nextBLD;
            }
        }
        return xBLD;
    }

    /**
     * Logits of new tokens after those in a cache, which is extended.
     *
     * @param weights arrays of the parameters
     * @param idsBL new token ids, int64 (B, L)
     * @param context scope and precision
     * @param cache tokens before; may be empty
     * @return FP32 logits of the last new token of each sequence, (B, V), attached to the context's scope
     */
    public NDArray nextLogits(ParameterStore weights, NDArray idsBL, StageContext context, KeyValueCache cache) {
        long newTokens = idsBL.getShape().get(1);
        cache.requireRoom(newTokens);
        try (NDManager inner = context.scope().newSubManager()) {
            StageContext temporary = context.in(inner);
            NDArray xBLD = embedding.runCached(weights, idsBL, temporary, cache).hiddenBLD();
            for (DecoderStage block : blocks) {
                xBLD = block.runCached(weights, xBLD, temporary, cache).hiddenBLD();
            }
            cache.advance(newTokens);
            NDArray lastBD = xBLD.get(":, -1");
            NDArray logitsBV = head.run(weights, lastBD, temporary).hiddenBLD();
            logitsBV.attach(context.scope());
            return logitsBV;
        }
    }
}
