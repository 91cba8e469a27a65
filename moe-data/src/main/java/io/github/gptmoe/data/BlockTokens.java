package io.github.gptmoe.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Tokenises groups of blocks, the next one ahead, on threads of its own. The tokens of a block depend on nothing but the block. At
 * most two groups are under way. For one calling thread at a time.
 */
final class BlockTokens implements AutoCloseable {
    static final String THREAD_NAME = "stream-tokenizer";

    private final TextBlocks blocks;
    private final StreamOrder order;
    private final BlockReader reader;
    private final Tokenizer tokenizer;
    private final double validationFraction;
    private final @Nullable ExecutorService threads;
    private final Map<Long, List<Future<int[]>>> underWay = new HashMap<>();

    /** With 0 threads everything is done by the caller, when it asks. Documents below the fraction, by hash, are left out. */
    BlockTokens(
            TextBlocks blocks,
            StreamOrder order,
            BlockReader reader,
            Tokenizer tokenizer,
            double validationFraction,
            int threadCount) {
        this.blocks = blocks;
        this.order = order;
        this.reader = reader;
        this.tokenizer = tokenizer;
        this.validationFraction = validationFraction;
        threads = threadCount == 0
                ? null
                : Executors.newFixedThreadPool(threadCount, task -> {
                    Thread thread = new Thread(task, THREAD_NAME);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** The tokens of a group; with {@code goesOn} the next one is begun. */
    int[] of(long group, boolean goesOn) {
        List<Future<int[]>> begun = underWay.remove(group);
        List<Future<int[]>> parts = begun != null ? begun : begin(group);
        if (goesOn && threads != null) {
            underWay.clear(); // of another place, if there is one
            underWay.put(group + 1, begin(group + 1));
        }
        List<int[]> tokens = new ArrayList<>();
        if (threads == null) {
            for (long block : order.blocksOf(group)) {
                tokens.add(tokens(block));
            }
        } else {
            parts.forEach(part -> tokens.add(await(part)));
        }
        return joined(tokens);
    }

    private List<Future<int[]>> begin(long group) {
        List<Future<int[]>> parts = new ArrayList<>();
        ExecutorService pool = threads;
        if (pool != null) {
            for (long block : order.blocksOf(group)) {
                parts.add(pool.submit(() -> tokens(block)));
            }
        }
        return parts;
    }

    private int[] tokens(long block) {
        TokenList ids = new TokenList();
        reader.read(blocks.block(block), document -> {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("tokenising was given up");
            }
            if (!EncodedDocument.inValidation(document.text(), validationFraction)) {
                ids.add(EncodedDocument.of(document, tokenizer), tokenizer.endOfDocument());
            }
        });
        return ids.toArray();
    }

    private static int[] await(Future<int[]> part) {
        try {
            return part.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (failed.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException("tokenising failed", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for tokens");
        }
    }

    private static int[] joined(List<int[]> parts) {
        int size = 0;
        for (int[] part : parts) {
            size = Math.addExact(size, part.length);
        }
        int[] all = new int[size];
        int at = 0;
        for (int[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** Returns once no thread uses the tokenizer any more. */
    @Override
    public void close() {
        if (threads != null) {
            WorkerThreads.end(threads);
        }
    }
}
