package io.github.gptmoe.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.model.KeyValueCache;
import io.github.gptmoe.core.model.StageContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A continuation with the keys and values of its tokens cached, so that each token passes the model once. A fork gets an
 * empty cache and fills it, in one pass over all tokens, when it is first asked. Arrays are attached to an own manager.
 */
final class CachedContinuation implements Continuation {
    private final TrainedModel trained;
    private final List<Integer> ids;
    private final int capacity;
    private final NDManager owner;
    private final KeyValueCache cache;
    private float @Nullable [] logits;

    /** Starts with some tokens; at most {@code capacity} may be given to the model in all. */
    CachedContinuation(TrainedModel trained, List<Integer> ids, int capacity) {
        this.trained = trained;
        this.ids = new ArrayList<>(ids);
        this.capacity = capacity;
        owner = trained.manager().newSubManager();
        cache = new KeyValueCache(owner, trained.model().config(), 1, capacity, trained.precision());
    }

    @Override
    public float[] logits() {
        float[] known = logits;
        if (known == null) {
            known = compute();
            logits = known;
        }
        return known;
    }

    private float[] compute() {
        long[] fresh = ids.subList((int) cache.length(), ids.size()).stream()
                .mapToLong(Integer::longValue)
                .toArray();
        try (NDManager scope = owner.newSubManager()) {
            NDArray idsBL = scope.create(fresh, new Shape(1, fresh.length));
            StageContext context = StageContext.evaluation(scope, trained.precision());
            float[] all = trained.model()
                    .nextLogits(trained.weights(), idsBL, context, cache)
                    .toFloatArray();
            // The token table may be longer than the vocabulary; the rows beyond stand for nothing.
            return Arrays.copyOf(all, trained.tokenizer().vocabularySize());
        }
    }

    @Override
    public void append(int id) {
        ids.add(id);
        logits = null;
    }

    @Override
    public Continuation fork() {
        CachedContinuation fork = new CachedContinuation(trained, ids, capacity);
        fork.logits = logits;
        return fork;
    }

    @Override
    public void close() {
        owner.close();
    }
}
