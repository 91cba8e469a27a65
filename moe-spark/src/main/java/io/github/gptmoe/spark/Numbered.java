package io.github.gptmoe.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A slice and the numbers of its documents, which are counted over all slices in their order.
 *
 * @param slice the slice
 * @param first number of its first document
 * @param count its documents
 */
record Numbered(Slice slice, int first, int count) implements Serializable {
    private static final int MOST_DOCUMENTS = Integer.MAX_VALUE - 8;

    static List<Numbered> of(List<Slice> slices, List<Integer> counts) {
        List<Numbered> numbered = new ArrayList<>();
        long before = 0;
        for (int i = 0; i < slices.size(); i++) {
            numbered.add(new Numbered(slices.get(i), (int) before, counts.get(i)));
            before += counts.get(i);
            if (before > MOST_DOCUMENTS) {
                throw new IllegalStateException("more documents than numbers");
            }
        }
        return List.copyOf(numbered);
    }

    /** All documents of slices that follow each other from the first on. */
    static int documents(List<Numbered> slices) {
        return slices.isEmpty() ? 0 : slices.get(slices.size() - 1).end();
    }

    int end() {
        return first + count;
    }
}
