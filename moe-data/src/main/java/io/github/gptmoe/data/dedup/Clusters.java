package io.github.gptmoe.data.dedup;

import java.util.Arrays;

/** Documents joined to clusters: union-find whose roots are the first documents of their clusters. 8 bytes a document. */
final class Clusters {
    private int[] parents = new int[1024];

    /** For a document that is no root: how similar the two documents were by which its cluster was joined to an earlier one. */
    private float[] similarities = new float[1024];

    private int size;

    /** Adds a document as a cluster of its own; returns its number. */
    int add() {
        if (size == parents.length) {
            parents = Arrays.copyOf(parents, 2 * size);
            similarities = Arrays.copyOf(similarities, 2 * size);
        }
        parents[size] = size;
        return size++;
    }

    int size() {
        return size;
    }

    /** The first document of a cluster. */
    int first(int document) {
        int root = document;
        while (parents[root] != root) {
            parents[root] = parents[parents[root]];
            root = parents[root];
        }
        return root;
    }

    /** Joins the clusters of two documents. */
    void join(int one, int other, float similarity) {
        int a = first(one);
        int b = first(other);
        if (a != b) {
            int later = Math.max(a, b);
            parents[later] = Math.min(a, b);
            similarities[later] = similarity;
        }
    }

    /** The first document of the cluster of each; owned by the caller, and for several threads. */
    int[] firsts() {
        int[] firsts = new int[size];
        for (int i = 0; i < size; i++) {
            firsts[i] = parents[i] == i ? i : firsts[parents[i]]; // Parents are earlier documents.
        }
        return firsts;
    }

    /** Of a document that is not the first: the similarity of the pair by which its cluster was joined to an earlier one. */
    float similarity(int document) {
        return similarities[document];
    }
}
