package io.github.gptmoe.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tokenises groups of documents on several threads and gives them back in the order they came. At most a few groups
 * wait, so a fast reader cannot fill the memory. For one calling thread.
 */
final class EncodingPool implements AutoCloseable {
    private static final long MOST_WAITING_CHARACTERS = 16L << 20;

    private final Tokenizer tokenizer;
    private final int mostWaiting;
    private final ExecutorService threads;
    private final Deque<Group> waiting = new ArrayDeque<>();
    private long waitingCharacters;

    private record Group(Future<List<EncodedDocument>> encoded, long characters) {}

    EncodingPool(Tokenizer tokenizer, int threadCount) {
        this.tokenizer = tokenizer;
        this.mostWaiting = 2 * threadCount + 1;
        this.threads = Executors.newFixedThreadPool(threadCount, task -> {
            Thread thread = new Thread(task, "tokenizer");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Whether {@link #takeOldest()} has to be called before more is submitted. */
    boolean isFull() {
        return waiting.size() >= mostWaiting || waitingCharacters >= MOST_WAITING_CHARACTERS;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void submit(List<Document> documents, long characters) {
        List<Document> group = List.copyOf(documents);
        Future<List<EncodedDocument>> encoded =
                threads.submit(() -> group.stream().map(this::encode).toList());
        waiting.add(new Group(encoded, characters));
        waitingCharacters += characters;
    }

    private EncodedDocument encode(Document document) {
        // So that close() waits for one document, not for a group.
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("packing was given up");
        }
        return EncodedDocument.of(document, tokenizer);
    }

    /** Waits a while for the group that was submitted first; tells whether {@link #takeOldest()} will not block. */
    boolean oldestEnds(long nanos) {
        try {
            waiting.element().encoded().get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException still) {
            return false;
        } catch (ExecutionException failed) {
            return true; // takeOldest() throws it.
        } catch (InterruptedException interrupted) {
            throw interrupted();
        }
    }

    /** Waits for the group that was submitted first; throws what its thread threw. */
    List<EncodedDocument> takeOldest() {
        Group oldest = waiting.remove();
        waitingCharacters -= oldest.characters();
        try {
            return oldest.encoded().get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (failed.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException("tokenising failed", failed);
        } catch (InterruptedException interrupted) {
            throw interrupted();
        }
    }

    private static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("packing was interrupted");
    }

    /** Returns once no thread uses the tokenizer any more. */
    @Override
    public void close() {
        WorkerThreads.end(threads);
    }
}
