package io.github.gptmoe.core.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A handful of tokens sorted by expert on the host, which for so few is cheaper than kernels that sort and count. */
final class FewTokens {
    private final long[] order;
    private final List<Integer> experts = new ArrayList<>();
    private final long[] counts;

    /** Sorts; every token has an expert, because a step has no padding. */
    FewTokens(long[] expertIds, int numExperts) {
        order = new long[expertIds.length];
        long[] countsN = new long[Math.min(numExperts, expertIds.length)];
        int[] starts = new int[numExperts + 1];
        for (long expert : expertIds) {
            if (expert < 0 || expert >= numExperts) {
                throw new IllegalStateException(
                        "a token that is no padding was sent to expert " + expert + " of " + numExperts);
            }
            starts[(int) expert + 1]++;
        }
        for (int expert = 0; expert < numExperts; expert++) {
            if (starts[expert + 1] > 0) {
                countsN[experts.size()] = starts[expert + 1];
                experts.add(expert);
            }
            starts[expert + 1] += starts[expert];
        }
        for (int token = 0; token < expertIds.length; token++) {
            order[starts[(int) expertIds[token]]++] = token;
        }
        counts = Arrays.copyOf(countsN, experts.size());
    }

    /** Tokens in the order of their experts, of equals the first one first. */
    long[] order() {
        return order.clone();
    }

    /** Experts that have tokens, ascending. */
    List<Integer> experts() {
        return List.copyOf(experts);
    }

    /** Tokens of each of these experts. */
    long[] counts() {
        return counts.clone();
    }
}
