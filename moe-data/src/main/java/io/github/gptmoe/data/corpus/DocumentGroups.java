package io.github.gptmoe.data.corpus;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import io.github.gptmoe.data.RowCounts;
import io.github.gptmoe.data.RowLimit;
import io.github.gptmoe.data.WorkerThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Reads files in groups of documents, has threads work on the groups, and gives the results back in the order of the file. A few
 * groups wait at most, so neither a fast reader nor a slow sink fills the memory. For one calling thread.
 */
public final class DocumentGroups implements AutoCloseable {
    /** UTF-16 units of text with which a group ends; where groups end decides the bytes of compressed outputs. */
    public static final long GROUP_CHARACTERS = 1 << 18;

    private static final long MOST_WAITING_CHARACTERS = 16L << 20;
    private static final int MOST_THREADS = 64;

    private final int mostWaiting;
    private final ExecutorService threads;

    /**
     * What reading a file met.
     *
     * @param rows rows that were not blank lines
     * @param skipped bad rows left out
     * @param empty rows without text
     * @param cut rows whose text ends at the limit
     */
    public record Rows(long rows, long skipped, long empty, long cut) {
        /**
         * Adds the rows of another file.
         *
         * @param other its rows
         * @return those of both
         */
        public Rows plus(Rows other) {
            return new Rows(rows + other.rows, skipped + other.skipped, empty + other.empty, cut + other.cut);
        }
    }

    /**
     * Takes results in order.
     *
     * @param <R> a result
     */
    @FunctionalInterface
    public interface Sink<R> {
        /**
         * Takes the result of a group.
         *
         * @param result as made by the work
         * @throws IOException if it cannot be written
         */
        void accept(R result) throws IOException;
    }

    private record Waiting<R>(Future<R> result, long characters) {}

    /**
     * Starts threads.
     *
     * @param threadCount at least 1
     */
    public DocumentGroups(int threadCount) {
        if (threadCount < 1 || threadCount > MOST_THREADS) {
            throw new IllegalArgumentException(threadCount + " threads");
        }
        this.mostWaiting = 2 * threadCount + 1;
        this.threads = Executors.newFixedThreadPool(threadCount, task -> {
            Thread thread = new Thread(task, "documents");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * The number of threads that suits this machine.
     *
     * @return at least 1
     */
    public static int usualThreads() {
        return Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Passes over one file.
     *
     * @param <R> the result of a group
     * @param file a text file
     * @param counts of rows, and what to do with those that cannot be used
     * @param limit how long a row may be
     * @param work makes a result of each group; called by several threads at once
     * @param sink takes the results in the order of the file
     * @param read hears after each result how many bytes have been taken from disk
     * @return what rows were met
     * @throws IOException if the sink throws it
     */
    public <R> Rows pass(
            Path file,
            RowCounts counts,
            RowLimit limit,
            Function<List<Document>, R> work,
            Sink<R> sink,
            LongConsumer read)
            throws IOException {
        RowCounts.Totals before = counts.totals();
        Deque<Waiting<R>> waiting = new ArrayDeque<>();
        long waitingCharacters = 0;
        try (DocumentReader reader = DocumentReader.open(List.of(file), counts, limit)) {
            List<Document> group = new ArrayList<>();
            long characters = 0;
            for (Document next = reader.next(); next != null; next = reader.next()) {
                group.add(next);
                characters += next.text().length();
                if (characters < GROUP_CHARACTERS) {
                    continue;
                }
                waiting.add(submit(group, characters, work));
                waitingCharacters += characters;
                group.clear();
                characters = 0;
                while (waiting.size() >= mostWaiting || waitingCharacters >= MOST_WAITING_CHARACTERS) {
                    waitingCharacters -= waiting.element().characters();
                    sink.accept(result(waiting.remove().result()));
                    read.accept(reader.sourceBytes());
                }
            }
            if (!group.isEmpty()) {
                waiting.add(submit(group, characters, work));
            }
            while (!waiting.isEmpty()) {
                sink.accept(result(waiting.remove().result()));
                read.accept(reader.sourceBytes());
            }
            RowCounts.Totals met = counts.totals().minus(before);
            return new Rows(met.rows(), met.bad(), met.empty(), met.cut());
        } finally {
            waiting.forEach(left -> left.result().cancel(true));
        }
    }

    private <R> Waiting<R> submit(List<Document> documents, long characters, Function<List<Document>, R> work) {
        List<Document> group = List.copyOf(documents);
        return new Waiting<>(threads.submit(() -> work.apply(group)), characters);
    }

    /**
     * Works on any parts at once and waits for all.
     *
     * @param <T> a part
     * @param <R> its result
     * @param parts what to work on
     * @param work called by several threads at once
     * @return the results in the order of the parts
     */
    public <T, R> List<R> all(List<T> parts, Function<T, R> work) {
        List<Future<R>> futures = new ArrayList<>();
        for (T part : parts) {
            futures.add(threads.submit(() -> work.apply(part)));
        }
        try {
            List<R> results = new ArrayList<>();
            for (Future<R> future : futures) {
                results.add(result(future));
            }
            return results;
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }

    private static <R> R result(Future<R> future) {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (failed.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException("working on documents failed", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the pass was interrupted");
        }
    }

    /** Returns once no thread works any more. */
    @Override
    public void close() {
        WorkerThreads.end(threads);
    }
}
