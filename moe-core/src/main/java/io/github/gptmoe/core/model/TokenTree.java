package io.github.gptmoe.core.model;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens a model must see to predict several continuations of one text: the text once, then the continuations as a
 * tree in which equal beginnings stand once. Tokens are in preorder, each before all that follow it. The last token of a
 * continuation is only predicted, so it has no place unless another continuation goes on through it.
 */
public final class TokenTree {
    private final int prefix;
    private final int[] ids;
    private final int[] positions;
    private final int[] ends;
    private final int[][] places;

    private TokenTree(int prefix, int[] ids, int[] positions, int[] ends, int[][] places) {
        this.prefix = prefix;
        this.ids = ids;
        this.positions = positions;
        this.ends = ends;
        this.places = places;
    }

    /**
     * Builds the tree.
     *
     * @param prefix the text that all continuations follow; at least one token
     * @param branches the continuations, at least one, each of at least one token; equal ones are welcome
     * @return the tree
     * @throws IllegalArgumentException if there is nothing to predict, or nothing to predict it from
     */
    public static TokenTree of(int[] prefix, List<int[]> branches) {
        if (prefix.length == 0 || branches.isEmpty() || branches.stream().anyMatch(branch -> branch.length == 0)) {
            throw new IllegalArgumentException("a tree needs a prefix and branches of at least one token each");
        }
        return new Builder(prefix, branches).build();
    }

    /**
     * Places of the tree, so positions that pass the model.
     *
     * @return number of tokens
     */
    public int size() {
        return ids.length;
    }

    /** Tokens of the text before the first branch. */
    int prefix() {
        return prefix;
    }

    int id(int place) {
        return ids[place];
    }

    /** Number of tokens before the one at a place, on its way from the root. */
    int position(int place) {
        return positions[place];
    }

    /** The place after the last descendant of the token at a place. */
    int end(int place) {
        return ends[place];
    }

    /**
     * Where a token of a continuation is predicted.
     *
     * @param branch number of the continuation, in the order given
     * @param token number of the token in it, from 0
     * @return place of the token before it
     */
    public int place(int branch, int token) {
        return places[branch][token];
    }

    /** Adds branches in lexicographic order, in which those with a common beginning are neighbours. */
    private static final class Builder {
        private final List<int[]> branches;
        private final int[] ids;
        private final int[] positions;
        private final int[] ends;
        private final int[][] places;
        private final int prefix;

        /** Places of the tokens from the prefix to where the last branch ended. */
        private final int[] open;

        private int depth;
        private int size;

        Builder(int[] prefix, List<int[]> branches) {
            this.branches = branches;
            this.prefix = prefix.length;
            int most = prefix.length
                    + branches.stream().mapToInt(branch -> branch.length - 1).sum();
            ids = Arrays.copyOf(prefix, most);
            positions = new int[most];
            ends = new int[most];
            places = new int[branches.size()][];
            open = new int
                    [branches.stream().mapToInt(branch -> branch.length).max().orElse(0)];
            size = prefix.length;
            for (int place = 0; place < size; place++) {
                positions[place] = place;
            }
        }

        TokenTree build() {
            IntStream.range(0, branches.size())
                    .boxed()
                    .sorted(Comparator.comparing(branches::get, Arrays::compare))
                    .forEach(this::add);
            close(0);
            Arrays.fill(ends, 0, prefix, size);
            return new TokenTree(
                    prefix,
                    Arrays.copyOf(ids, size),
                    Arrays.copyOf(positions, size),
                    Arrays.copyOf(ends, size),
                    places);
        }

        private void add(int number) {
            int[] branch = branches.get(number);
            int inner = branch.length - 1;
            int common = 0;
            while (common < Math.min(depth, inner) && ids[open[common]] == branch[common]) {
                common++;
            }
            close(common);
            while (depth < inner) {
                ids[size] = branch[depth];
                positions[size] = prefix + depth;
                open[depth++] = size++;
            }
            places[number] = new int[branch.length];
            places[number][0] = prefix - 1;
            System.arraycopy(open, 0, places[number], 1, inner);
        }

        private void close(int to) {
            while (depth > to) {
                ends[open[--depth]] = size;
            }
        }
    }
}
