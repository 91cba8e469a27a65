package io.github.gptmoe.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Batches made ahead by other threads, handed out in the order of a schedule: the same ones as without. At most {@code
 * prefetch} batches are being made or wait, besides the one handed out last. A failure comes out where its batch would, and
 * again at every later call. For one calling thread.
 */
final class PrefetchingBatches implements BatchLoader {
    static final String THREAD_NAME = "batch-loader";

    private final Source source;
    private final BatchSchedule schedule;
    private final ExecutorService threads;
    private final Deque<Future<TokenBatch>> ahead = new ArrayDeque<>();
    private final List<Thread> started = new CopyOnWriteArrayList<>();
    private long taken;
    private long requested;
    private @Nullable Throwable failure;

    /** Begins to read at once; {@code threads} and {@code prefetch} are at least 1. */
    PrefetchingBatches(Source source, BatchSchedule schedule, int threads, int prefetch) {
        if (threads < 1 || prefetch < 1) {
            throw new IllegalArgumentException(threads + " threads, " + prefetch + " batches ahead");
        }
        this.source = source;
        this.schedule = schedule;
        this.threads = Executors.newFixedThreadPool(Math.min(threads, prefetch), task -> {
            Thread thread = new Thread(task, THREAD_NAME);
            thread.setDaemon(true);
            started.add(thread);
            return thread;
        });
        for (int i = 0; i < prefetch; i++) {
            request();
        }
    }

    private void request() {
        long firstSample = schedule.sample(requested++);
        ahead.add(threads.submit(() -> source.batch(firstSample, schedule.microBatch())));
    }

    @Override
    public TokenBatch batch(long firstSample, int sequences) {
        if (failure != null) {
            throw thrown(failure);
        }
        if (threads.isShutdown()) {
            throw new IllegalStateException("the batch loader is closed");
        }
        long expected = schedule.sample(taken);
        if (firstSample != expected || sequences != schedule.microBatch()) {
            throw new IllegalStateException("asked for " + sequences + " samples from " + firstSample
                    + ", but the schedule has " + schedule.microBatch() + " from " + expected);
        }
        TokenBatch batch = await(ahead.remove());
        taken++;
        request();
        return batch;
    }

    private TokenBatch await(Future<TokenBatch> oldest) {
        try {
            return oldest.get();
        } catch (ExecutionException failed) {
            failure = failed.getCause();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            failure = new CancellationException("interrupted while waiting for a batch");
        }
        throw thrown(failure);
    }

    /** The failure itself if it is unchecked, as all that a source can throw are. */
    private static RuntimeException thrown(@Nullable Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException unchecked
                ? unchecked
                : new IllegalStateException("loading a batch failed", failure);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = false;
        for (Thread thread : started) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException again) {
                    interrupted = true;
                }
            }
        }
        ahead.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
