package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.CacheKernels;
import io.github.gptmoe.core.kernel.Precision;
import java.util.Arrays;

/**
 * Keys and values of the tokens seen so far, one pair of arrays (B, H, S, D/H) a block. Sequences may differ in length; they
 * come and go, and the live ones are always the first rows, so that a step never computes on a dead one. Owned by the manager
 * it is made with; not safe for use by several threads.
 */
public final class KeyValueCache {
    private final NDManager owner;
    private final ModelConfig config;
    private final Precision precision;
    private final int capacity;
    private NDList keysBHSD;
    private NDList valuesBHSD;
    private int[] lengths;

    private KeyValueCache(NDManager owner, ModelConfig config, int capacity, Precision precision, int rows) {
        if (capacity < 1 || capacity > config.sequenceLength()) {
            throw new IllegalArgumentException(
                    "cache of " + capacity + " tokens for a model of sequence length " + config.sequenceLength());
        }
        if (rows < 1) {
            throw new IllegalArgumentException("cache of " + rows + " sequences");
        }
        this.owner = owner;
        this.config = config;
        this.capacity = capacity;
        this.precision = precision;
        keysBHSD = allocate(rows);
        valuesBHSD = allocate(rows);
        lengths = new int[0];
    }

    /**
     * Allocates a cache without sequences; {@link GptModel#prefill} adds them.
     *
     * @param owner manager of the arrays
     * @param config the model
     * @param rows sequences there is room for at first; more make the cache grow
     * @param capacity most tokens of a sequence, S; at most the model's sequence length
     * @param precision precision of the activations
     * @return the cache
     */
    public static KeyValueCache reserved(
            NDManager owner, ModelConfig config, int rows, int capacity, Precision precision) {
        return new KeyValueCache(owner, config, capacity, precision, rows);
    }

    private NDList allocate(int rows) {
        Shape shape = new Shape(rows, config.heads(), capacity, config.hidden() / config.heads());
        NDList arrays = new NDList(config.layers());
        for (int block = 0; block < config.layers(); block++) {
            arrays.add(precision.zeros(owner, shape));
        }
        return arrays;
    }

    /**
     * Live sequences.
     *
     * @return rows in use, B
     */
    public int sequences() {
        return lengths.length;
    }

    /**
     * Tokens of one sequence.
     *
     * @param sequence its row
     * @return position of its next token
     */
    public int length(int sequence) {
        return lengths[sequence];
    }

    /**
     * Chooses the sequences that go on: row i becomes what row {@code sources[i]} is now, and the others are dropped. A row
     * may be chosen several times, as a beam does. Only rows that change are copied.
     *
     * @param sources rows to keep, in their new order
     */
    public void keep(int... sources) {
        int[] kept = Arrays.stream(sources).map(this::length).toArray();
        makeRoom(sources.length);
        long[] targets = new long[sources.length];
        long[] moved = new long[sources.length];
        int longest = 0;
        int count = 0;
        for (int row = 0; row < sources.length; row++) {
            if (sources[row] != row && kept[row] > 0) {
                moved[count] = sources[row];
                targets[count++] = row;
                longest = Math.max(longest, kept[row]);
            }
        }
        if (count > 0) {
            long[] from = Arrays.copyOf(moved, count);
            long[] to = Arrays.copyOf(targets, count);
            CacheKernels.move(keysBHSD, from, to, longest);
            CacheKernels.move(valuesBHSD, from, to, longest);
        }
        lengths = kept;
    }

    /** Appends sequences, whose keys and values the caller stores; returns the first one's row. */
    int add(int... newLengths) {
        int first = lengths.length;
        makeRoom(first + newLengths.length);
        lengths = Arrays.copyOf(lengths, first + newLengths.length);
        System.arraycopy(newLengths, 0, lengths, first, newLengths.length);
        return first;
    }

    private void makeRoom(int rows) {
        if (rows > keysBHSD.head().getShape().get(0)) {
            keysBHSD = grown(keysBHSD, rows);
            valuesBHSD = grown(valuesBHSD, rows);
        }
    }

    private NDList grown(NDList caches, int rows) {
        NDList larger = allocate(rows);
        CacheKernels.grow(larger, caches);
        caches.close();
        return larger;
    }

    NDArray keys(int block) {
        return keysBHSD.get(block);
    }

    NDArray values(int block) {
        return valuesBHSD.get(block);
    }

    int capacity() {
        return capacity;
    }

    /** Tokens of each sequence, int64 (B), attached to {@code scope}. */
    NDArray lengthsB(NDManager scope) {
        return scope.create(Arrays.stream(lengths).asLongStream().toArray());
    }

    /** Tokens of each sequence. */
    int[] lengths() {
        return lengths.clone();
    }

    /** Counts a new token of every sequence. */
    void advance() {
        for (int row = 0; row < lengths.length; row++) {
            lengths[row]++;
        }
    }

    /** Refuses a new token of every sequence where one has no room for it. */
    void requireRoom() {
        for (int length : lengths) {
            if (length >= capacity) {
                throw new IllegalArgumentException(
                        length + " tokens cached and a new one exceed the cache of " + capacity);
            }
        }
    }
}
