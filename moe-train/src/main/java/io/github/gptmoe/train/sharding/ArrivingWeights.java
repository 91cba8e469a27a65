package io.github.gptmoe.train.sharding;

import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.train.collective.Pending;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Updated weights on their way from the ranks that own them. A few buckets travel at a time, in the order of the stages; the
 * next sets out when one is first used. So a forward pass computes with the first stages while later ones arrive, and exchanges
 * of tokens between experts need not wait for all weights.
 */
final class ArrivingWeights {
    /** More than a stage has, so that the next stage is on its way. */
    private static final int AHEAD = 5;

    private record Waiting(String bucket, Supplier<Pending> start) {}

    private record Travelling(String bucket, Pending arrival) {}

    /** Of each parameter, the name of its bucket: that of the bucket's first parameter. */
    private final Map<String, String> buckets = new HashMap<>();

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Deque<Travelling> travelling = new ArrayDeque<>();

    ArrivingWeights(Layout layout) {
        for (Bucket bucket : layout.buckets()) {
            for (ModelParameter parameter : bucket.parameters()) {
                buckets.put(parameter.name(), name(bucket));
            }
        }
    }

    private static String name(Bucket bucket) {
        return bucket.parameters().get(0).name();
    }

    /** Sends for a bucket, behind those sent for before. */
    void add(Bucket bucket, Supplier<Pending> start) {
        waiting.add(new Waiting(name(bucket), start));
        setOut();
    }

    private void setOut() {
        while (travelling.size() < AHEAD && !waiting.isEmpty()) {
            Waiting next = waiting.remove();
            travelling.add(new Travelling(next.bucket, next.start.get()));
        }
    }

    /** Makes what is computed from now on wait for a parameter. */
    void await(String parameter) {
        if (travelling.isEmpty()) {
            return;
        }
        String bucket = Objects.requireNonNull(buckets.get(parameter));
        while (waiting.stream().anyMatch(each -> each.bucket.equals(bucket))) {
            finishFirst();
        }
        for (Iterator<Travelling> each = travelling.iterator(); each.hasNext(); ) {
            Travelling next = each.next();
            if (next.bucket.equals(bucket)) {
                each.remove();
                next.arrival.finish();
            }
        }
        setOut();
    }

    void awaitAll() {
        while (!travelling.isEmpty()) {
            finishFirst();
        }
    }

    private void finishFirst() {
        travelling.remove().arrival.finish();
        setOut();
    }
}
