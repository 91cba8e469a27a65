package io.github.gptmoe.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.model.DecodeStep;
import io.github.gptmoe.core.model.KeyValueCache;
import io.github.gptmoe.core.model.StageContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Texts whose tokens have their keys and values cached, so that each token passes the model once, and one step serves all
 * texts. Arrays are attached to an own manager.
 */
final class CachedTexts implements TextBatch {
    /** Positions that pass the model at once, padding included: enough to fill the cores, little memory. */
    private static final int POSITIONS = 4096;

    private final InferenceModel model;
    private final int vocabulary;
    private final NDManager owner;
    private final KeyValueCache cache;
    private List<float[]> logits = new ArrayList<>();
    private List<Integer> expertsRead = List.of();

    /**
     * Makes an empty batch.
     *
     * @param model the model
     * @param vocabulary ids that stand for something; the token table may be longer
     * @param rows texts there is room for at first
     * @param capacity most tokens of a text that are given to the model
     */
    CachedTexts(InferenceModel model, int vocabulary, int rows, int capacity) {
        this.model = model;
        this.vocabulary = vocabulary;
        owner = model.manager().newSubManager();
        try {
            cache = KeyValueCache.reserved(owner, model.model().config(), rows, capacity, model.precision());
        } catch (RuntimeException | Error failed) {
            owner.close();
            throw failed;
        }
    }

    /** Adds texts behind those that are there. Like lengths side by side waste the least. */
    void add(List<int[]> prompts) {
        List<int[]> together = new ArrayList<>();
        int longest = 0;
        for (int[] prompt : prompts) {
            longest = Math.max(longest, prompt.length);
            if (!together.isEmpty() && (long) (together.size() + 1) * longest > POSITIONS) {
                prefill(together);
                together.clear();
                longest = prompt.length;
            }
            together.add(prompt);
        }
        if (!together.isEmpty()) {
            prefill(together);
        }
    }

    private void prefill(List<int[]> prompts) {
        try (NDManager scope = owner.newSubManager()) {
            logits.addAll(rows(model.model().prefill(model.weights(), prompts, context(scope), cache)));
        }
    }

    @Override
    public int size() {
        return logits.size();
    }

    @Override
    public float[] logits(int text) {
        return logits.get(text);
    }

    @Override
    public void advance(int[] sources, int[] ids) {
        cache.keep(sources);
        if (sources.length == 0) {
            logits = new ArrayList<>();
            return;
        }
        try (NDManager scope = owner.newSubManager()) {
            long[] idsB = Arrays.stream(ids).asLongStream().toArray();
            DecodeStep step = model.model().step(model.weights(), idsB, context(scope), cache);
            logits = rows(step.logitsBV());
            expertsRead = step.expertsRead();
        }
    }

    /** Of each block, experts whose weights the last step needed. */
    List<Integer> expertsRead() {
        return expertsRead;
    }

    /** Tokens in the cache, all texts together. */
    long cachedTokens() {
        long tokens = 0;
        for (int text = 0; text < cache.sequences(); text++) {
            tokens += cache.length(text);
        }
        return tokens;
    }

    private StageContext context(NDManager scope) {
        return StageContext.evaluation(scope, model.precision());
    }

    private List<float[]> rows(NDArray logitsBV) {
        float[] all = logitsBV.toFloatArray();
        int width = (int) logitsBV.getShape().get(1);
        List<float[]> rows = new ArrayList<>();
        for (int from = 0; from < all.length; from += width) {
            rows.add(Arrays.copyOfRange(all, from, from + vocabulary));
        }
        return rows;
    }

    @Override
    public void close() {
        owner.close();
    }
}
