package io.github.gptmoe.data;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens each source of a mixture is to give. With n_i training tokens in source i:
 *
 * <pre>
 * of epochs e_i:  t_i = round(e_i n_i)
 * of weight w_i:  t_i = round(W w_i / sum w),  the sum over all sources of a weight
 *     W = T - (tokens of the sources of epochs)   if the length T of the mixture is given, else
 *     W = min over sources of a weight of  n_i (sum w) / w_i
 * </pre>
 *
 * <p>So without T no source of a weight is taken more than once, and one of them exactly once. Whole documents are taken until t_i is
 * reached; the last one may go beyond it.
 *
 * @param targets t_i in the order of the sources, each at least 1
 */
record MixPlan(List<Long> targets) {
    /**
     * Computes the targets.
     *
     * @param sources weights and epochs
     * @param available n_i, each at least 1
     * @param tokens T; null if it is not given
     * @throws InputException if the sources of epochs alone reach T
     */
    static MixPlan of(List<PackSource> sources, List<Long> available, @Nullable Long tokens) {
        long fixed = 0;
        double weights = 0;
        for (int i = 0; i < sources.size(); i++) {
            Double weight = sources.get(i).weight();
            if (weight == null) {
                fixed += rounded(sources.get(i).epochsOrOne() * available.get(i));
            } else {
                weights += weight;
            }
        }
        double weighted = tokens == null ? mostWithoutRepetition(sources, available, weights) : tokens - fixed;
        if (tokens != null && weighted < 1) {
            throw InputException.configuration(
                    "tokens " + tokens + " leave nothing for the sources of a weight: those of" + " epochs have "
                            + fixed + " alone; raise tokens or lower epochs");
        }
        List<Long> targets = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            Double weight = sources.get(i).weight();
            double target =
                    weight == null ? sources.get(i).epochsOrOne() * available.get(i) : weighted * (weight / weights);
            targets.add(rounded(target));
        }
        return new MixPlan(List.copyOf(targets));
    }

    private static double mostWithoutRepetition(List<PackSource> sources, List<Long> available, double weights) {
        double most = Double.POSITIVE_INFINITY;
        for (int i = 0; i < sources.size(); i++) {
            Double weight = sources.get(i).weight();
            if (weight != null) {
                most = Math.min(most, available.get(i) * (weights / weight));
            }
        }
        return most;
    }

    private static long rounded(double tokens) {
        return Math.max(1, Math.round(tokens));
    }
}
