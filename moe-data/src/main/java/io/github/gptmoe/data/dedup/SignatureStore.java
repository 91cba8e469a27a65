package io.github.gptmoe.data.dedup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Signatures of many documents, in arrays of a MiB or so, and the documents they are of. */
final class SignatureStore {
    private static final int CHUNK = 1 << 12;

    private final Banding banding;
    private final List<int[]> chunks = new ArrayList<>();
    private int[] documents = new int[CHUNK];
    private int size;

    SignatureStore(Banding banding) {
        this.banding = banding;
    }

    void add(int document, int[] signature) {
        if (size % CHUNK == 0) {
            chunks.add(new int[CHUNK * banding.values()]);
        }
        if (size == documents.length) {
            documents = Arrays.copyOf(documents, 2 * size);
        }
        System.arraycopy(signature, 0, chunks.get(size / CHUNK), size % CHUNK * banding.values(), banding.values());
        documents[size++] = document;
    }

    int size() {
        return size;
    }

    int document(int index) {
        return documents[index];
    }

    private int band(int index, int band) {
        return banding.key(chunks.get(index / CHUNK), index % CHUNK * banding.values(), band);
    }

    /** All signatures ordered by a band: the hash in the high half, the index in the low one. */
    long[] ordered(int band) {
        long[] keys = new long[size];
        for (int i = 0; i < size; i++) {
            keys[i] = ((long) band(i, band) << 32) | i;
        }
        Arrays.parallelSort(keys);
        return keys;
    }
}
