package io.github.gptmoe.router;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Limits how many tokens an expert takes; the overflow goes to no expert, so that only the residual stream carries it.
 *
 * <p>Places are given in token order and the earliest tokens keep theirs, so the result is deterministic, in training as in
 * evaluation.
 */
public final class Capacity {
    private Capacity() {}

    /**
     * Returns the places of one expert, max(minCapacity, ceil(validTokens / numExperts * capacityFactor)).
     *
     * @param validTokens the number of tokens that were routed, padding excluded
     * @param numExperts the number E of experts
     * @param capacityFactor the multiple of an even share, above 0; read as the decimal number it prints as, so that 100
     *     tokens, 10 experts and a factor of 1.1 give 11 and not 12
     * @param minCapacity the least number of places, at least 0
     * @return the capacity C
     */
    public static long perExpert(long validTokens, int numExperts, double capacityFactor, int minCapacity) {
        if (numExperts < 1 || minCapacity < 0 || !Double.isFinite(capacityFactor) || capacityFactor <= 0) {
            throw new IllegalArgumentException(
                    "a capacity needs at least 1 expert, a factor above 0 and a minimum of at" + " least 0, not "
                            + numExperts + ", " + capacityFactor + " and " + minCapacity);
        }
        long share = BigDecimal.valueOf(validTokens)
                .multiply(BigDecimal.valueOf(capacityFactor))
                .divide(BigDecimal.valueOf(numExperts), 0, RoundingMode.CEILING)
                .longValueExact();
        return Math.max(minCapacity, share);
    }

    /**
     * Drops the overflow of every expert.
     *
     * @param expertIdsT the expert of every token, in [0, E), or E for padding; not changed
     * @param numExperts the number E of experts
     * @param capacityFactor the multiple of an even share, above 0
     * @param minCapacity the least number of places of an expert
     * @return the expert of every token, E for padding and for the overflow
     */
    public static long[] limit(long[] expertIdsT, int numExperts, double capacityFactor, int minCapacity) {
        long[] countE = LoadReport.count(expertIdsT, numExperts);
        long validTokens = expertIdsT.length - countE[numExperts];
        long capacity = perExpert(validTokens, numExperts, capacityFactor, minCapacity);
        long[] takenE = new long[numExperts];
        long[] keptIdsT = expertIdsT.clone();
        for (int token = 0; token < keptIdsT.length; token++) {
            int expert = (int) keptIdsT[token];
            if (expert < numExperts && ++takenE[expert] > capacity) {
                keptIdsT[token] = numExperts;
            }
        }
        return keptIdsT;
    }
}
