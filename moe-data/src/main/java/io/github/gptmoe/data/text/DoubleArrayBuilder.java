package io.github.gptmoe.data.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link DoubleArray}. Subtrees that are equal, values included, are stored once: of the rules of NFKC, which have
 * many spellings for each result, a tenth remains.
 */
final class DoubleArrayBuilder {
    private static final int BLOCK = 256;
    private static final int FREE = DoubleArray.VALUE_FLAG; // A label that no byte has.
    private static final int NO_VALUE = -1;
    private static final int[] NONE = {};
    private static final int LARGEST_OFFSET = 1 << 21;
    /** A block this full is not searched any more. */
    private static final int LEAST_FREE = 4;

    private static final int MOST_FAILURES = 64;

    private final byte[][] keys;
    private final int[] values;
    private final Map<Node, Integer> ids = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    /** What can follow a prefix: the labels in rising order with the nodes they lead to, and the value of the prefix itself. */
    private static final class Node {
        private final int[] labels;
        private final int[] children;
        private final int value;
        private final int hash;

        Node(int[] labels, int[] children, int value) {
            this.labels = labels;
            this.children = children;
            this.value = value;
            this.hash = 31 * (31 * Arrays.hashCode(labels) + Arrays.hashCode(children)) + value;
        }

        int slots() {
            return labels.length + (value == NO_VALUE ? 0 : 1);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Node node
                    && value == node.value
                    && Arrays.equals(labels, node.labels)
                    && Arrays.equals(children, node.children);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private DoubleArrayBuilder(byte[][] keys, int[] values) {
        this.keys = keys;
        this.values = values;
    }

    /**
     * Builds a trie.
     *
     * @param keys not empty, without zero bytes, each once, in the order of their unsigned bytes
     * @param values one from 0 on for each
     */
    static DoubleArray build(byte[][] keys, int[] values) {
        DoubleArrayBuilder builder = new DoubleArrayBuilder(keys, values);
        int root = builder.node(0, keys.length, 0);
        return builder.place(root);
    }

    /** The node of the keys from {@code low} to {@code high}, which share their first {@code depth} bytes. */
    private int node(int low, int high, int depth) {
        int first = low;
        int value = NO_VALUE;
        if (keys[first].length == depth) {
            value = values[first++];
        }
        int[] labels = NONE;
        int[] children = NONE;
        int count = 0;
        while (first < high) {
            byte label = keys[first][depth];
            int last = first + 1;
            while (last < high && keys[last][depth] == label) {
                last++;
            }
            labels = Arrays.copyOf(labels, count + 1);
            children = Arrays.copyOf(children, count + 1);
            labels[count] = label & 0xFF;
            children[count++] = node(first, last, depth + 1);
            first = last;
        }
        Node made = new Node(labels, children, value);
        Integer known = ids.putIfAbsent(made, nodes.size());
        if (known != null) {
            return known;
        }
        nodes.add(made);
        return nodes.size() - 1;
    }

    private DoubleArray place(int root) {
        Placement placement = new Placement();
        int[] bases = new int[nodes.size()];
        Integer[] order = new Integer[nodes.size()];
        Arrays.setAll(order, id -> id);
        // Wide nodes first: the narrow ones fill the gaps.
        Arrays.sort(
                order,
                Comparator.comparingInt((Integer id) -> -nodes.get(id).slots()).thenComparingInt(id -> id));
        for (int id : order) {
            bases[id] = placement.find(nodes.get(id));
        }
        int[] units = placement.units();
        units[0] = linked(0, 0, bases[root], nodes.get(root).value);
        for (int id = 0; id < bases.length; id++) {
            Node node = nodes.get(id);
            int base = bases[id];
            if (node.value != NO_VALUE) {
                units[base] = DoubleArray.VALUE_FLAG | node.value;
            }
            for (int i = 0; i < node.labels.length; i++) {
                int label = node.labels[i];
                int child = node.children[i];
                units[base ^ label] = linked(label, base ^ label, bases[child], nodes.get(child).value);
            }
        }
        return new DoubleArray(units);
    }

    private static int linked(int label, int index, int base, int value) {
        int offset = index ^ base;
        int leaf = value == NO_VALUE ? 0 : DoubleArray.LEAF_FLAG;
        if (offset < LARGEST_OFFSET) {
            return label | leaf | offset << DoubleArray.OFFSET_SHIFT;
        }
        throw new IllegalStateException("a trie of more than " + LARGEST_OFFSET + " units");
    }

    /** Which units are taken, block by block. A block's base belongs to one node, or two would see each other's children. */
    private static final class Placement {
        private int[] units = new int[0];
        private final List<Block> open = new ArrayList<>();

        private static final class Block {
            private final int start;
            private final boolean[] taken = new boolean[BLOCK];
            private final boolean[] isBase = new boolean[BLOCK];
            private int free = BLOCK;
            private int failures;

            Block(int start) {
                this.start = start;
            }
        }

        int find(Node node) {
            for (int i = 0; i < open.size(); i++) {
                Block block = open.get(i);
                int base = baseIn(block, node);
                if (base >= 0) {
                    take(block, base, node);
                    if (block.free < LEAST_FREE) {
                        open.remove(i);
                    }
                    return block.start + base;
                }
                if (++block.failures > MOST_FAILURES * node.slots()) {
                    open.remove(i--);
                }
            }
            Block block = new Block(units.length);
            if (units.length == 0) {
                // The root's own unit, and no base: a zero byte in a text would lead there.
                block.taken[0] = true;
                block.isBase[0] = true;
                block.free--;
            }
            units = Arrays.copyOf(units, units.length + BLOCK);
            Arrays.fill(units, block.start, units.length, FREE);
            open.add(block);
            int base = baseIn(block, node);
            take(block, base, node);
            return block.start + base;
        }

        private static int baseIn(Block block, Node node) {
            for (int base = 0; base < BLOCK; base++) {
                if (!block.isBase[base] && fits(block, base, node)) {
                    return base;
                }
            }
            return -1;
        }

        private static boolean fits(Block block, int base, Node node) {
            if (node.value != NO_VALUE && block.taken[base]) {
                return false;
            }
            for (int label : node.labels) {
                if (block.taken[base ^ label]) {
                    return false;
                }
            }
            return true;
        }

        private static void take(Block block, int base, Node node) {
            block.isBase[base] = true;
            if (node.value != NO_VALUE) {
                block.taken[base] = true;
            }
            for (int label : node.labels) {
                block.taken[base ^ label] = true;
            }
            block.free -= node.slots();
        }

        int[] units() {
            return units;
        }
    }
}
