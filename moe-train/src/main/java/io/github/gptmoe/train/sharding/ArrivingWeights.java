package io.github.gptmoe.train.sharding;

import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Stage;
import io.github.gptmoe.train.collective.Pending;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Updated weights on their way from the ranks that own them. Those of a stage and of the next set out when forward comes to it.
 * So a forward pass computes with a stage while the next one arrives, and exchanges of tokens between experts need not wait for
 * all weights. That a weight is read starts nothing, because ranks need not read the same: one whose experts no token came to
 * does not read them.
 */
final class ArrivingWeights {
    /** Stages that are on their way beside the one that forward has come to. */
    private static final int AHEAD = 1;

    private record Waiting(int stage, String bucket, Supplier<Pending> start) {}

    private record Travelling(String bucket, Pending arrival) {}

    private final Map<String, Integer> stages = new HashMap<>();

    /** Of each parameter, the name of its bucket: that of the bucket's first parameter. */
    private final Map<String, String> buckets = new HashMap<>();

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Deque<Travelling> travelling = new ArrayDeque<>();

    ArrivingWeights(Layout layout) {
        for (Bucket bucket : layout.buckets()) {
            stages.putIfAbsent(bucket.stage(), stages.size());
            for (ModelParameter parameter : bucket.parameters()) {
                buckets.put(parameter.name(), name(bucket));
            }
        }
    }

    private static String name(Bucket bucket) {
        return bucket.parameters().get(0).name();
    }

    /** Sends for a bucket at once. */
    void start(Bucket bucket, Supplier<Pending> start) {
        travelling.add(new Travelling(name(bucket), start.get()));
    }

    /** Sends for a bucket when forward comes near its stage; to be called in the order of the stages. */
    void startInTime(Bucket bucket, Supplier<Pending> start) {
        waiting.add(new Waiting(stage(bucket.stage()), name(bucket), start));
    }

    private int stage(String name) {
        return Objects.requireNonNull(stages.get(name));
    }

    /** Forward comes to a stage, on all ranks. */
    void enter(Stage stage) {
        if (!waiting.isEmpty()) {
            startUpTo(stage(stage.name()) + AHEAD);
        }
    }

    private void startUpTo(int stage) {
        while (!waiting.isEmpty() && waiting.element().stage <= stage) {
            Waiting next = waiting.remove();
            travelling.add(new Travelling(next.bucket, next.start.get()));
        }
    }

    /** Makes what is computed from now on wait for a parameter. */
    void await(String parameter) {
        if (travelling.isEmpty() && waiting.isEmpty()) {
            return;
        }
        String bucket = Objects.requireNonNull(buckets.get(parameter));
        if (waiting.stream().anyMatch(each -> each.bucket.equals(bucket))) {
            throw new IllegalStateException(parameter + " is read before its stage has been entered");
        }
        for (Iterator<Travelling> each = travelling.iterator(); each.hasNext(); ) {
            Travelling next = each.next();
            if (next.bucket.equals(bucket)) {
                each.remove();
                next.arrival.finish();
            }
        }
    }

    void awaitAll() {
        startUpTo(Integer.MAX_VALUE);
        awaitStarted();
    }

    /** Waits for what has set out, and forgets the rest. */
    void abandon() {
        waiting.clear();
        awaitStarted();
    }

    private void awaitStarted() {
        while (!travelling.isEmpty()) {
            travelling.remove().arrival.finish();
        }
    }
}
