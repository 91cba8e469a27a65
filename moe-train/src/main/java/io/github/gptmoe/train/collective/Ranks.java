package io.github.gptmoe.train.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * Runs a body on every rank of this process, each in a thread of its own. When one fails, the others are told at their next
 * operation, and what failed first is thrown; a rank that does not come back is left behind, with its stack in the report.
 */
public final class Ranks<R> {
    private static final Duration GRACE = Duration.ofSeconds(8);

    private final int count;
    private final IntFunction<R> body;
    private final BiConsumer<Integer, Throwable> fail;
    private final Consumer<String> report;
    private final AtomicReferenceArray<R> results;
    private final AtomicReference<Throwable> first = new AtomicReference<>();
    private final CountDownLatch running;
    private final CountDownLatch over = new CountDownLatch(1);

    private Ranks(int count, IntFunction<R> body, BiConsumer<Integer, Throwable> fail, Consumer<String> report) {
        this.count = count;
        this.body = body;
        this.fail = fail;
        this.report = report;
        results = new AtomicReferenceArray<>(count);
        running = new CountDownLatch(count);
    }

    /**
     * Runs and waits.
     *
     * @param <R> result type
     * @param count ranks of this process
     * @param body what each does, given its number in this process; never returns null
     * @param fail tells the group of all ranks that one of this process has failed, and of what
     * @param report is given the stacks of all ranks when one is stuck
     * @return the result of the first
     */
    public static <R> R run(
            int count, IntFunction<R> body, BiConsumer<Integer, Throwable> fail, Consumer<String> report) {
        return new Ranks<>(count, body, fail, report).run();
    }

    private R run() {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int member = i;
            Thread thread = new Thread(() -> runMember(member), "rank-" + i);
            thread.setDaemon(true); // one that is stuck must not keep the process
            threads.add(thread);
            thread.start();
        }
        try {
            awaitAll(threads);
        } catch (InterruptedException interrupted) {
            failed(0, new CollectiveException("interrupted while ranks were running", interrupted));
            Thread.currentThread().interrupt();
        }
        Throwable cause = first.get();
        if (cause != null) {
            throw unchecked(cause);
        }
        return results.get(0);
    }

    private void runMember(int member) {
        try {
            results.set(member, body.apply(member));
        } catch (RuntimeException | Error thrown) {
            failed(member, thrown);
        } finally {
            running.countDown();
            if (running.getCount() == 0) {
                over.countDown();
            }
        }
    }

    private void failed(int member, Throwable cause) {
        if (first.compareAndSet(null, cause)) {
            fail.accept(member, cause);
            over.countDown();
        }
    }

    /** Waits until all have ended or one has failed; then the others have a little time to notice. */
    private void awaitAll(List<Thread> threads) throws InterruptedException {
        over.await();
        if (first.get() instanceof CollectiveException stuck) {
            report.accept(stuck.getMessage() + "; the stacks of all ranks:\n" + stacks(threads));
        }
        if (!running.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
            List<Thread> left = threads.stream().filter(Thread::isAlive).toList();
            report.accept("these ranks did not end within " + GRACE.toSeconds() + " s after the failure of another:\n"
                    + stacks(left));
        }
    }

    private static String stacks(List<Thread> threads) {
        return threads.stream()
                .map(thread -> thread.getName() + " (" + thread.getState() + ")\n"
                        + Arrays.stream(thread.getStackTrace())
                                .map(frame -> "    at " + frame + "\n")
                                .collect(Collectors.joining()))
                .collect(Collectors.joining());
    }

    private static RuntimeException unchecked(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return (RuntimeException) cause;
    }
}
