package io.github.gptmoe.train.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Runs a body on every rank of this process, each in a thread of its own. When one fails, the others are told at their next
 * operation, and what failed first is thrown; a rank that does not come back is left behind, with its stack in the report.
 */
public final class Ranks<R> {
    private static final Duration GRACE = Duration.ofSeconds(8);

    private final List<ProcessGroup> groups;
    private final Function<ProcessGroup, R> body;
    private final Consumer<String> report;
    private final AtomicReferenceArray<R> results;
    private final AtomicReference<Throwable> first = new AtomicReference<>();
    private final CountDownLatch running;
    private final CountDownLatch failed = new CountDownLatch(1);

    private Ranks(List<ProcessGroup> groups, Function<ProcessGroup, R> body, Consumer<String> report) {
        this.groups = groups;
        this.body = body;
        this.report = report;
        results = new AtomicReferenceArray<>(groups.size());
        running = new CountDownLatch(groups.size());
    }

    /**
     * Runs and waits. A single rank runs in the calling thread.
     *
     * @param <R> result type
     * @param groups the members that this process has
     * @param body what each does; never returns null
     * @param report is given the stacks of all ranks when one is stuck
     * @return the result of the first member
     */
    public static <R> R run(List<ProcessGroup> groups, Function<ProcessGroup, R> body, Consumer<String> report) {
        return groups.size() == 1 ? body.apply(groups.get(0)) : new Ranks<>(groups, body, report).run();
    }

    private R run() {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            int member = i;
            Thread thread =
                    new Thread(() -> runMember(member), "rank-" + groups.get(i).rank());
            thread.setDaemon(true); // one that is stuck must not keep the process
            threads.add(thread);
            thread.start();
        }
        try {
            awaitAll(threads);
        } catch (InterruptedException interrupted) {
            fail(0, new CollectiveException("interrupted while ranks were running", interrupted));
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
            results.set(member, body.apply(groups.get(member)));
        } catch (RuntimeException | Error thrown) {
            fail(member, thrown);
        } finally {
            running.countDown();
            if (running.getCount() == 0) {
                failed.countDown();
            }
        }
    }

    private void fail(int member, Throwable cause) {
        if (first.compareAndSet(null, cause)) {
            groups.get(member).fail(cause);
            failed.countDown();
        }
    }

    /** Waits until all have ended or one has failed; then the others have a little time to notice. */
    private void awaitAll(List<Thread> threads) throws InterruptedException {
        failed.await();
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
