package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** Moves keys and values within caches of shape (B, H, S, D/H); all of them work in place. */
public final class CacheKernels {
    private CacheKernels() {}

    /**
     * Writes the keys and values of whole beginnings.
     *
     * @param keysBHSD key cache
     * @param valuesBHSD value cache
     * @param keysNHLC new keys; N sequences, whose L tokens are the first of their rows
     * @param valuesNHLC new values
     * @param firstRow row of the first of the N sequences
     */
    public static void store(NDArray keysBHSD, NDArray valuesBHSD, NDArray keysNHLC, NDArray valuesNHLC, int firstRow) {
        KernelModule.instance()
                .call("cache_store", keysNHLC.getManager(), keysBHSD, valuesBHSD, keysNHLC, valuesNHLC, firstRow);
    }

    /**
     * Copies rows over other rows, as if all at once.
     *
     * @param caches key and value caches
     * @param sources rows to read
     * @param targets rows to write, as many and no row twice
     * @param length tokens of a row that are worth copying
     */
    public static void move(NDList caches, long[] sources, long[] targets, long length) {
        KernelModule.instance().call("cache_move", caches.head().getManager(), caches, sources, targets, length);
    }

    /**
     * Copies caches into larger ones.
     *
     * @param into arrays of more rows
     * @param caches as many arrays
     */
    public static void grow(NDList into, NDList caches) {
        KernelModule.instance().call("cache_grow", into.head().getManager(), into, caches);
    }
}
