package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.PageCache;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorMismatchException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Fills many arrays from tensor files with several threads: one alone neither keeps a disk busy nor gets fresh memory from
 * the system as fast as a disk delivers. Pieces are handed out in the order of the files, so that the disk still reads
 * forward. Files that the system does not hold in its cache are read past it: filling a page of the cache beside each page
 * of an array is what bounds the rate of a fast disk, and a cache full of weights is of no use to a process that has them.
 * Beside the arrays it needs a few MiB a thread.
 */
public final class ArrayLoader {
    /** Elements of a piece, 16 MiB in BF16: long enough to read forward, short enough to share a large tensor. */
    private static final long PIECE = 4 * StoredRange.CHUNK;

    /** Of a file: from here on it is read through the system's cache, which then saves more than it costs. */
    private static final double MOSTLY_CACHED = 0.5;

    private static final int USUAL_THREADS = 4;

    private final List<StoredRange> ranges = new ArrayList<>();
    private final int threads;
    private final Predicate<Path> pastCache;

    /** Loads with as many threads as measured best: four, which wait for a disk more than they compute. */
    public ArrayLoader() {
        this(USUAL_THREADS);
    }

    /**
     * Loads with a number of threads.
     *
     * @param threads at least 1
     */
    public ArrayLoader(int threads) {
        this(threads, ArrayLoader::isUncached);
    }

    ArrayLoader(int threads, Predicate<Path> pastCache) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        this.threads = threads;
        this.pastCache = pastCache;
    }

    private record Piece(StoredRange range, long begin, long end) {
        long position() {
            return range.filePosition(begin);
        }
    }

    /**
     * Wants a whole tensor.
     *
     * @param files open files, until {@link #load} has returned
     * @param name tensor name
     * @param into contiguous array of the tensor's shape, on any device, FP32 or BF16 whatever is stored
     * @throws TensorMismatchException if the tensor is missing, or has another shape or dtype
     */
    public void add(TensorFiles files, String name, NDArray into) throws TensorMismatchException {
        ranges.add(StoredRange.whole(files.locate(name), into));
    }

    /**
     * Wants a part of a tensor.
     *
     * @param files open files, until {@link #load} has returned
     * @param name tensor name
     * @param fullShape shape that the stored tensor must have
     * @param fromElement first element, counted row-major
     * @param into contiguous array on any device, filled row-major; its size says how many elements
     * @throws TensorMismatchException if the tensor is missing, or has another shape or dtype
     */
    public void add(TensorFiles files, String name, long[] fullShape, long fromElement, NDArray into)
            throws TensorMismatchException {
        ranges.add(StoredRange.part(files.locate(name), fullShape, fromElement, into));
    }

    /**
     * Fills all arrays that were added, once.
     *
     * @throws IOException if something cannot be read; the arrays then hold arbitrary values
     */
    public void load() throws IOException {
        List<Piece> pieces = pieces();
        Set<SafetensorsFile> uncached = uncached();
        AtomicInteger next = new AtomicInteger();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(workers.submit(() -> {
                    read(pieces, next, uncached);
                    return null;
                }));
            }
            for (Future<?> worker : running) {
                await(worker);
            }
        } finally {
            // After a failure: no piece is begun any more, and no thread outlives the arrays.
            next.set(pieces.size());
            workers.shutdown();
            awaitEnd(workers);
        }
    }

    private Set<SafetensorsFile> uncached() {
        return ranges.stream()
                .map(StoredRange::file)
                .distinct()
                .filter(file -> pastCache.test(file.path()))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isUncached(Path file) {
        try {
            return PageCache.residentShare(file).orElse(1) < MOSTLY_CACHED;
        } catch (IOException unreadable) {
            return false; // reading it will say so
        }
    }

    private static void read(List<Piece> pieces, AtomicInteger next, Set<SafetensorsFile> uncached) throws IOException {
        KernelModule.enter();
        try (PieceReader reader = new PieceReader(uncached)) {
            for (int i = next.getAndIncrement(); i < pieces.size(); i = next.getAndIncrement()) {
                Piece piece = pieces.get(i);
                piece.range().read(piece.begin(), piece.end(), reader.of(piece.range()));
            }
        }
    }

    private static void await(Future<?> worker) throws IOException {
        try {
            worker.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException reading) {
                throw reading;
            }
            throw new IllegalStateException("reading failed: " + failed.getCause(), failed.getCause());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading", stopped);
        }
    }

    private static void awaitEnd(ExecutorService workers) {
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = workers.awaitTermination(1, TimeUnit.HOURS);
            } catch (InterruptedException stopped) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Piece> pieces() {
        Map<SafetensorsFile, Integer> order = new HashMap<>();
        List<Piece> pieces = new ArrayList<>();
        for (StoredRange range : ranges) {
            order.putIfAbsent(range.file(), order.size());
            for (long begin = 0; begin < range.elements(); begin += PIECE) {
                pieces.add(new Piece(range, begin, Math.min(begin + PIECE, range.elements())));
            }
        }
        pieces.sort(
                Comparator.<Piece>comparingInt(piece -> order.get(piece.range().file()))
                        .thenComparingLong(Piece::position));
        return pieces;
    }
}
