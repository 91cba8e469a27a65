package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.DecodeKernels;
import io.github.gptmoe.core.kernel.TreeAttention;
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
    /** Queries that trees of tokens attend with at a time; a mask exists for that many. */
    private static final int TREE_QUERIES = 128;

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
        return throughBlocks(weights, embedding.run(weights, idsBL, context).hiddenBLD(), context, observer);
    }

    /**
     * Residual stream after the last block, for trees of tokens: each token as if those on its way from the root were the
     * whole text. No gradients are recorded.
     *
     * @param weights arrays of the parameters
     * @param trees the batch
     * @param context scope and precision; its mask and its attention are replaced
     * @return (B, L, D), attached to the context's scope
     * @throws IllegalArgumentException if a way is longer than the model's sequence length, or if experts have a capacity
     */
    public NDArray hidden(ParameterStore weights, TokenTrees trees, StageContext context) {
        requireNoCapacity();
        if (trees.longest() > config.sequenceLength()) {
            throw new IllegalArgumentException("a text of " + trees.longest() + " tokens for a model of "
                    + config.sequenceLength() + " positions");
        }
        TreeAttention attention = new TreeAttention(trees.endsBL(), trees.shared(), TREE_QUERIES);
        return throughBlocks(
                weights,
                embedding.at(weights, trees.idsBL(), trees.positionsBL(), context.scope()),
                context.withValid(trees.validT()).withAttention(attention),
                (block, output) -> {});
    }

    private NDArray throughBlocks(
            ParameterStore weights,
            NDArray embeddedBLD,
            StageContext context,
            BiConsumer<DecoderStage, StageOutput> observer) {
        NDArray xBLD = embeddedBLD;
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
     * Adds sequences to a cache: all their tokens pass the model at once, side by side, padded to the longest. Padding is
     * seen by no real token and visits no expert.
     *
     * @param weights arrays of the parameters
     * @param prompts token ids of each sequence, at least one
     * @param context scope and precision
     * @param cache grows by one row a sequence, in the order given
     * @return FP32 logits after the last token of each sequence, (B, V), attached to the context's scope
     * @throws IllegalArgumentException if a sequence is empty or exceeds the cache, or if experts have a capacity
     */
    public NDArray prefill(ParameterStore weights, List<int[]> prompts, StageContext context, KeyValueCache cache) {
        requireNoCapacity();
        int[] lengths = prompts.stream().mapToInt(prompt -> prompt.length).toArray();
        try (NDManager inner = context.scope().newSubManager()) {
            PaddedPrompts padded = PaddedPrompts.of(inner, prompts, cache.capacity());
            StageContext temporary = context.in(inner).withValid(padded.validT());
            int firstRow = cache.add(lengths);
            NDArray xBLD = embedding.run(weights, padded.idsBL(), temporary).hiddenBLD();
            for (DecoderStage block : blocks) {
                try (NDManager passing = inner.newSubManager()) {
                    NDArray nextBLD = block.prefill(weights, xBLD, temporary.in(passing), cache, firstRow);
                    nextBLD.attach(inner);
                    xBLD.close();
                    xBLD = nextBLD;
                }
            }
            NDArray lastBD = DecodeKernels.pick(inner, xBLD, padded.lastTokensB());
            NDArray logitsBV = head.step(weights, lastBD, inner);
            logitsBV.attach(context.scope());
            return logitsBV;
        }
    }

    /**
     * Gives every sequence of a cache its next token.
     *
     * @param weights arrays of the parameters
     * @param idsB one token id for each sequence, in the order of the cache's rows
     * @param context scope and precision
     * @param cache grows by one token a sequence
     * @return logits after the new tokens, attached to the context's scope
     * @throws IllegalArgumentException if a sequence has no room, or if experts have a capacity
     */
    public DecodeStep step(ParameterStore weights, long[] idsB, StageContext context, KeyValueCache cache) {
        requireNoCapacity();
        if (idsB.length != cache.sequences() || idsB.length == 0) {
            throw new IllegalArgumentException(idsB.length + " tokens for " + cache.sequences() + " sequences");
        }
        cache.requireRoom();
        try (NDManager inner = context.scope().newSubManager()) {
            StageContext temporary = context.in(inner);
            NDArray lengthsB = cache.lengthsB(inner);
            DecodeKernels.Places places =
                    DecodeKernels.places(inner, cache.lengths(), config.heads(), cache.capacity());
            NDArray xBD = embedding.step(weights, inner.create(idsB), lengthsB, inner);
            List<Integer> expertsRead = new ArrayList<>();
            for (DecoderStage block : blocks) {
                BlockStep step = block.step(weights, xBD, temporary, cache, places);
                xBD = step.xBD();
                expertsRead.add(step.expertsRead());
            }
            cache.advance();
            NDArray logitsBV = head.step(weights, xBD, inner);
            logitsBV.attach(context.scope());
            return new DecodeStep(logitsBV, expertsRead);
        }
    }

    private void requireNoCapacity() {
        if (config.capacityFactor() != 0) {
            throw new IllegalArgumentException(
                    "with capacity factor " + config.capacityFactor()
                            + " a sequence would depend on those beside it; build the model with capacity factor 0 to decode or score");
        }
    }
}
