package io.github.gptmoe.data;

import java.util.Arrays;

/** Tokens of documents, collected one after the other. */
final class TokenList {
    private int[] ids = new int[1 << 12];
    private int size;

    /** Adds a document with its end; one without tokens is none, which is what false says. */
    boolean add(EncodedDocument document, int endOfDocument) {
        int count = document.ids().length;
        if (count == 0) {
            return false;
        }
        int end = size + count;
        add(document.ids(), 1);
        ids[end] = endOfDocument;
        return true;
    }

    /** Adds tokens. */
    void add(int[] more) {
        add(more, 0);
    }

    private void add(int[] more, int further) {
        int needed = Math.addExact(size, Math.addExact(more.length, further));
        if (needed > ids.length) {
            ids = Arrays.copyOf(ids, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, 2L * ids.length)));
        }
        System.arraycopy(more, 0, ids, size, more.length);
        size = needed;
    }

    int size() {
        return size;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
