package io.github.gptmoe.eval.scoring;

import java.util.ArrayList;
import java.util.List;

/**
 * Into how many trees the candidates of a prompt go. One tree computes the text before them once, but its tokens meet in
 * attention though none sees the other branches, and that grows with the square of the tree; a tree for each candidate
 * repeats the text before it. A tree of T places is held to cost {@code T * (1 + T / (6 D))}: a block multiplies each token
 * with 12 D^2 weights, and attention multiplies T^2 / 2 pairs twice with D numbers, which is T / (12 D) of it; softmax and
 * mask take about as long again.
 */
final class TreeSplit {
    private static final double ATTENTION = 1.0 / 6;

    private TreeSplit() {}

    /** A run of candidates that share a tree. */
    record Group(int from, int to) {}

    /**
     * The cheapest division into groups of (nearly) equal numbers of neighbours.
     *
     * @param before tokens before the candidates
     * @param branches what follows for each candidate
     * @param width D
     * @param most places that a tree may have, unless it holds a single candidate
     */
    static List<Group> cheapest(int before, List<int[]> branches, int width, int most) {
        long[] inner = new long[branches.size() + 1];
        for (int i = 0; i < branches.size(); i++) {
            inner[i + 1] = inner[i] + branches.get(i).length - 1;
        }
        List<Group> best = groups(branches.size(), branches.size());
        double least = cost(before, inner, best, width, Long.MAX_VALUE);
        for (int count = branches.size() - 1; count > 0; count--) {
            List<Group> tried = groups(branches.size(), count);
            double cost = cost(before, inner, tried, width, most);
            // Of equals the one with fewer trees.
            if (cost <= least) {
                best = tried;
                least = cost;
            }
        }
        return best;
    }

    private static List<Group> groups(int candidates, int count) {
        List<Group> groups = new ArrayList<>();
        for (long group = 0; group < count; group++) {
            groups.add(new Group((int) (candidates * group / count), (int) (candidates * (group + 1) / count)));
        }
        return groups;
    }

    private static double cost(int before, long[] inner, List<Group> groups, int width, long most) {
        double sum = 0;
        for (Group group : groups) {
            long places = before + inner[group.to] - inner[group.from];
            if (places > most) {
                return Double.POSITIVE_INFINITY;
            }
            sum += cost(places, width);
        }
        return sum;
    }

    static double cost(long places, int width) {
        return places * (1 + ATTENTION * places / width);
    }
}
