package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How the load spreads over the experts. Counts and shares are those of the router's decision, before a capacity drops
 * tokens; padding counts nowhere.
 *
 * <p>Reports are made from a {@link Counter}, outside the forward pass. Without a token every number is 0.
 *
 * @param counts tokens per expert
 * @param shares tokens per expert over all tokens
 * @param maxOverMean the largest count over the mean count; 1 is an even load, E a collapse onto one expert
 * @param entropy the entropy of the shares in nats; ln E is an even load
 * @param normalisedEntropy the entropy over ln E, in [0, 1]; 1 when there is one expert only
 * @param droppedShare the share of tokens that a capacity dropped
 * @param insideMarginShare the share of tokens nearer to a rival than the router's margin; empty without a margin
 */
public record LoadReport(
        List<Long> counts,
        List<Double> shares,
        double maxOverMean,
        double entropy,
        double normalisedEntropy,
        double droppedShare,
        OptionalDouble insideMarginShare) {

    /**
     * Copies the lists.
     *
     * @param counts is copied
     * @param shares is copied
     * @param maxOverMean is kept
     * @param entropy is kept
     * @param normalisedEntropy is kept
     * @param droppedShare is kept
     * @param insideMarginShare is kept
     */
    public LoadReport {
        counts = List.copyOf(counts);
        shares = List.copyOf(shares);
    }

    /** Counts ids; the last of the E + 1 entries is the number of tokens without an expert. */
    static long[] count(long[] expertIdsT, int numExperts) {
        long[] count = new long[numExperts + 1];
        for (long expert : expertIdsT) {
            if (expert < 0 || expert > numExperts) {
                throw new IllegalArgumentException(
                        "expert id " + expert + " is outside 0 to " + numExperts + " (no expert)");
            }
            count[(int) expert]++;
        }
        return count;
    }

    /**
     * The sums behind a report; immutable, to be added over micro-batches, ranks, and layers of equally many experts.
     *
     * @param assigned tokens per expert
     * @param dropped tokens that a capacity dropped
     * @param measured tokens with a known distance to their nearest rival
     * @param insideMargin those among them whose distance is below the margin
     */
    public record Counter(List<Long> assigned, long dropped, long measured, long insideMargin) {

        /**
         * Copies the list.
         *
         * @param assigned is copied
         * @param dropped is kept
         * @param measured is kept
         * @param insideMargin is kept
         */
        public Counter {
            assigned = List.copyOf(assigned);
        }

        /**
         * Returns the counter of no tokens.
         *
         * @param numExperts the number E of experts
         * @return zeros
         */
        public static Counter empty(int numExperts) {
            return new Counter(Arrays.stream(new long[numExperts]).boxed().toList(), 0, 0, 0);
        }

        /**
         * Counts a decision that no capacity limits. Copies the ids and distances to the host, so it waits for the device.
         *
         * @param router the router that decided
         * @param routing its decision
         * @return the counts
         */
        public static Counter of(Router router, Routing routing) {
            return of(router, routing, routing.expertIdsT().toLongArray());
        }

        /**
         * Counts a decision. Copies the ids and distances to the host, so it waits for the device.
         *
         * @param router the router that decided
         * @param routing its decision
         * @param keptIdsT what {@link Capacity#limit} left of its expert ids
         * @return the counts
         */
        public static Counter of(Router router, Routing routing, long[] keptIdsT) {
            NDArray distanceT = routing.marginDistanceT();
            return of(
                    router.numExperts(),
                    routing.expertIdsT().toLongArray(),
                    keptIdsT,
                    distanceT == null ? null : distanceT.toFloatArray(),
                    router.margin());
        }

        /**
         * Counts values that are already on the host.
         *
         * @param numExperts the number E of experts
         * @param expertIdsT the router's decision, E for padding
         * @param keptIdsT what a capacity left of it; the same array without a capacity
         * @param marginDistanceT the distance to the nearest rival, or null
         * @param margin the distance below which a token counts as inside the margin, or empty
         * @return the counts
         */
        public static Counter of(
                int numExperts,
                long[] expertIdsT,
                long[] keptIdsT,
                float @Nullable [] marginDistanceT,
                OptionalDouble margin) {
            if (keptIdsT.length != expertIdsT.length
                    || (marginDistanceT != null && marginDistanceT.length != expertIdsT.length)) {
                throw new IllegalArgumentException("ids, kept ids and distances are not of the same tokens");
            }
            long[] countE = count(expertIdsT, numExperts);
            long dropped = count(keptIdsT, numExperts)[numExperts] - countE[numExperts];
            List<Long> assigned = Arrays.stream(countE, 0, numExperts).boxed().toList();
            if (marginDistanceT == null || margin.isEmpty()) {
                return new Counter(assigned, dropped, 0, 0);
            }
            long inside = 0;
            for (int token = 0; token < expertIdsT.length; token++) {
                if (expertIdsT[token] < numExperts && marginDistanceT[token] < margin.getAsDouble()) {
                    inside++;
                }
            }
            return new Counter(assigned, dropped, expertIdsT.length - countE[numExperts], inside);
        }

        /**
         * Adds counts.
         *
         * @param other the counts of other tokens, of as many experts
         * @return the sum
         */
        public Counter plus(Counter other) {
            if (assigned.size() != other.assigned.size()) {
                throw new IllegalArgumentException("loads of " + assigned.size() + " and " + other.assigned.size()
                        + " experts do not add up; keep one counter for every number of experts");
            }
            List<Long> sum = new ArrayList<>();
            for (int expert = 0; expert < assigned.size(); expert++) {
                sum.add(assigned.get(expert) + other.assigned.get(expert));
            }
            return new Counter(
                    sum, dropped + other.dropped, measured + other.measured, insideMargin + other.insideMargin);
        }

        /**
         * Returns the number of tokens counted.
         *
         * @return the tokens that were routed to an expert
         */
        public long tokens() {
            return assigned.stream().mapToLong(Long::longValue).sum();
        }

        /**
         * Makes the report.
         *
         * @return the report
         */
        public LoadReport report() {
            double total = Math.max(1, tokens());
            int numExperts = assigned.size();
            List<Double> shares = assigned.stream().map(count -> count / total).toList();
            double largest =
                    shares.stream().mapToDouble(Double::doubleValue).max().orElse(0);
            double entropy = shares.stream()
                    .mapToDouble(share -> share == 0 ? 0 : -share * Math.log(share))
                    .sum();
            double even = Math.log(numExperts);
            return new LoadReport(
                    assigned,
                    shares,
                    largest * numExperts,
                    entropy,
                    even == 0 ? Math.signum((double) tokens()) : entropy / even,
                    dropped / total,
                    measured == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) insideMargin / measured));
        }
    }
}
