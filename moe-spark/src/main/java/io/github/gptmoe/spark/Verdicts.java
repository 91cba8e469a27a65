package io.github.gptmoe.spark;

import io.github.gptmoe.data.dedup.PairReplay;
import io.github.gptmoe.data.dedup.RemovedRow;
import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The documents that do not stay, and what stays instead; 20 bytes each, and 8 for each that stays instead. To be sent to tasks. */
final class Verdicts implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final float EQUAL = Float.NaN;

    private final int[] later;
    private final int[] firsts;
    private final float[] similarities;
    private final int[] staying;
    private final long[] lines;
    private final int[] starts;
    private final String[] names;

    private Verdicts(int[] later, int[] firsts, float[] similarities, int[] staying, List<Numbered> slices) {
        this.later = later;
        this.firsts = firsts;
        this.similarities = similarities;
        this.staying = staying;
        this.lines = new long[staying.length];
        this.starts = slices.stream().mapToInt(Numbered::first).toArray();
        this.names = slices.stream().map(slice -> slice.slice().input().name()).toArray(String[]::new);
    }

    static Verdicts of(PairReplay clusters, List<Numbered> slices) {
        int documents = Numbered.documents(slices);
        int count = 0;
        BitSet staying = new BitSet();
        for (int i = 0; i < documents; i++) {
            int first = clusters.first(i);
            if (first != i) {
                count++;
                staying.set(first);
            }
        }
        int[] later = new int[count];
        int[] firsts = new int[count];
        float[] similarities = new float[count];
        int next = 0;
        for (int i = 0; i < documents; i++) {
            int first = clusters.first(i);
            if (first != i) {
                later[next] = i;
                firsts[next] = first;
                similarities[next] = clusters.isEqual(i) ? EQUAL : clusters.similarity(i);
                next++;
            }
        }
        return new Verdicts(later, firsts, similarities, staying.stream().toArray(), slices);
    }

    /** Tells whether the line of a document has to be known. */
    boolean isNamed(int document) {
        return Arrays.binarySearch(staying, document) >= 0;
    }

    void line(int document, long line) {
        lines[Arrays.binarySearch(staying, document)] = line;
    }

    /** The place of a document among those that go; negative if it stays. */
    int find(int document) {
        return Arrays.binarySearch(later, document);
    }

    /** Where the document stands that stays instead of that of a place. */
    RemovedRow.Place first(int place) {
        int document = firsts[place];
        int slice = Arrays.binarySearch(starts, document);
        if (slice < 0) {
            slice = -slice - 2;
        }
        while (slice + 1 < starts.length && starts[slice + 1] <= document) {
            slice++; // Of slices that begin with one number only the last has documents.
        }
        return new RemovedRow.Place(names[slice], lines[Arrays.binarySearch(staying, document)]);
    }

    /** How similar it is; null if it is equal to an earlier one. */
    @Nullable
    Float similarity(int place) {
        return Float.isNaN(similarities[place]) ? null : similarities[place];
    }
}
