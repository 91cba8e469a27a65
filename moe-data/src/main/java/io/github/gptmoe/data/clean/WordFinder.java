package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.corpus.LongTable;
import java.util.Arrays;
import java.util.List;

/**
 * Finds many words in one pass over a text (Aho and Corasick 1975): a tree of the words, each node of which knows the longest
 * other beginning of a word that a text at this place ends with. Immutable once made; for several threads.
 */
final class WordFinder {
    private final LongTable children = new LongTable(1 << 10);
    private int[] failure = new int[1 << 10];

    /** Words that end at a node or at one of its failures. */
    private int[] ends = new int[1 << 10];

    private int nodes = 1;

    WordFinder(List<String> words) {
        int[] parents = new int[1 << 10];
        char[] units = new char[1 << 10];
        int[] depths = new int[1 << 10];
        for (String word : words) {
            int node = 0;
            for (int i = 0; i < word.length(); i++) {
                int child = child(node, word.charAt(i));
                if (child == 0) {
                    child = nodes++;
                    if (child == failure.length) {
                        failure = Arrays.copyOf(failure, 2 * child);
                        ends = Arrays.copyOf(ends, 2 * child);
                        parents = Arrays.copyOf(parents, 2 * child);
                        units = Arrays.copyOf(units, 2 * child);
                        depths = Arrays.copyOf(depths, 2 * child);
                    }
                    children.put(key(node, word.charAt(i)), child);
                    parents[child] = node;
                    units[child] = word.charAt(i);
                    depths[child] = depths[node] + 1;
                }
                node = child;
            }
            ends[node] = word.isEmpty() ? 0 : 1;
        }
        link(parents, units, depths);
    }

    private static long key(int node, char unit) {
        return ((long) node << 16) | unit;
    }

    private int child(int node, char unit) {
        return children.get(key(node, unit));
    }

    /** Failures of short beginnings come before those of longer ones, which need them. */
    private void link(int[] parents, char[] units, int[] depths) {
        Integer[] order = new Integer[nodes - 1];
        Arrays.setAll(order, i -> i + 1);
        Arrays.sort(order, (a, b) -> Integer.compare(depths[a], depths[b]));
        for (int node : order) {
            failure[node] = parents[node] == 0 ? 0 : next(failure[parents[node]], units[node]);
            ends[node] += ends[failure[node]];
        }
    }

    private int next(int from, char unit) {
        int node = from;
        int child = child(node, unit);
        while (child == 0 && node != 0) {
            node = failure[node];
            child = child(node, unit);
        }
        return child;
    }

    /** Places at which words end, overlapping ones included. */
    int count(String text) {
        int found = 0;
        int node = 0;
        for (int i = 0; i < text.length(); i++) {
            node = next(node, text.charAt(i));
            found += ends[node];
        }
        return found;
    }
}
