package io.github.gptmoe.train.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the threads of a group meet: each brings an offer, the last to come does the work for all while the others wait. So
 * nothing runs beside it, and its result does not depend on who came last.
 */
final class Meeting {
    /**
     * What a rank brings.
     *
     * @param operation what it wants done, in words; all must want the same
     * @param arguments of the operation
     */
    record Offer(String operation, List<Object> arguments) {}

    /** How often a waiting rank looks whether another meeting of its ranks has failed. */
    private static final long LOOK_MILLIS = 100;

    private final Duration deadline;
    private final FirstFailure failure;
    private final @Nullable Offer[] offers;
    private int arrived;
    private long round;

    /** Meetings that share {@code failure} fail together. */
    Meeting(int size, Duration deadline, FirstFailure failure) {
        this.deadline = deadline;
        this.failure = failure;
        offers = new Offer[size];
    }

    int size() {
        return offers.length;
    }

    /** Waits for all ranks, and returns when {@code work} has been done with their offers, in the order of the ranks. */
    synchronized void join(int rank, Offer offer, Consumer<List<Offer>> work) {
        failure.check();
        if (offers[rank] != null) {
            throw failed(
                    "rank " + rank + " called " + offer.operation() + " from a second thread, while "
                            + offers[rank].operation() + " is under way",
                    null);
        }
        offers[rank] = offer;
        arrived++;
        if (arrived == offers.length) {
            complete(work);
            return;
        }
        await(rank, offer);
    }

    private void complete(Consumer<List<Offer>> work) {
        List<Offer> all = new ArrayList<>();
        for (Offer offer : offers) {
            all.add(Objects.requireNonNull(offer));
        }
        requireSame(all);
        try {
            work.accept(all);
        } catch (RuntimeException | Error thrown) {
            throw failed(all.get(0).operation() + " failed: " + thrown, thrown);
        }
        Arrays.fill(offers, null);
        arrived = 0;
        round++;
        notifyAll();
    }

    private void requireSame(List<Offer> all) {
        if (all.stream().map(Offer::operation).distinct().count() == 1) {
            return;
        }
        StringJoiner differ = new StringJoiner(", ");
        for (int rank = 0; rank < all.size(); rank++) {
            differ.add("rank " + rank + " called " + all.get(rank).operation());
        }
        throw failed("ranks disagree: " + differ, null);
    }

    private void await(int rank, Offer offer) {
        long mine = round;
        long end = System.nanoTime() + deadline.toNanos();
        try {
            while (round == mine && failure.get().isEmpty()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw failed(
                            "ranks " + missing() + " did not come to " + offer.operation() + " within " + seconds()
                                    + " s; rank " + rank + " waited for them",
                            null);
                }
                wait(Math.min(LOOK_MILLIS, left / 1_000_000 + 1));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failed("rank " + rank + " was interrupted in " + offer.operation(), interrupted);
        }
        if (round == mine) {
            failure.check();
        }
    }

    private List<Integer> missing() {
        List<Integer> ranks = new ArrayList<>();
        for (int rank = 0; rank < offers.length; rank++) {
            if (offers[rank] == null) {
                ranks.add(rank);
            }
        }
        return ranks;
    }

    private double seconds() {
        return deadline.toMillis() / 1e3;
    }

    /** Records a failure unless there is one, wakes everyone, and returns what the caller is to throw. */
    synchronized CollectiveException failed(String message, @Nullable Throwable cause) {
        CollectiveException first = failure.set(message, cause);
        notifyAll();
        return first;
    }
}
