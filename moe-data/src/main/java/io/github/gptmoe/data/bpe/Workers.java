package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.WorkerThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A fixed number of threads. Whatever they do, results are taken in the order in which the work was given. */
final class Workers implements AutoCloseable {
    private final int count;
    private final ExecutorService threads;

    Workers(int count) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "tokenizer-training");
            thread.setDaemon(true);
            return thread;
        });
    }

    int count() {
        return count;
    }

    <T> Future<T> submit(Callable<T> task) {
        return threads.submit(task);
    }

    <T> List<T> all(List<? extends Callable<T>> tasks) {
        List<Future<T>> running = new ArrayList<>();
        tasks.forEach(task -> running.add(threads.submit(task)));
        List<T> results = new ArrayList<>();
        running.forEach(result -> results.add(join(result)));
        return results;
    }

    /** Waits for a result; throws what its thread threw. */
    static <T> T join(Future<T> running) {
        try {
            return running.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (failed.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException("training a tokenizer failed", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("training a tokenizer was interrupted");
        }
    }

    /** Begins nothing more, and returns once what runs has ended: it may use what the caller closes next. */
    @Override
    public void close() {
        WorkerThreads.end(threads);
    }
}
