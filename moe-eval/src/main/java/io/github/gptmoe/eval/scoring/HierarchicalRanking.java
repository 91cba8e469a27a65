package io.github.gptmoe.eval.scoring;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Ranks first classes, then the labels within the best of them. A label of another class gets minus infinity.
 *
 * @param keep classes whose labels stay in the race, at least 1
 */
public record HierarchicalRanking(int keep) {
    /** Where the score of a class comes from. */
    public enum ClassScore {
        /** From words of its own, scored like those of a label. */
        WORDS,
        /** From its labels: {@link HierarchicalRanking#meansOfLabels}. */
        LABELS
    }

    /**
     * Checks the number.
     *
     * @param keep as above
     */
    public HierarchicalRanking {
        if (keep < 1) {
            throw new IllegalArgumentException("hierarchical ranking must keep at least 1 class, not " + keep);
        }
    }

    /**
     * Scores of classes from those of their labels: the log of the mean of their softmax, so that classes of few and of many
     * labels compete on equal terms.
     *
     * @param leafScores a score for each label
     * @param classOfLeaf number of each label's class, from 0; every class has a label
     * @return a score for each class
     */
    public static double[] meansOfLabels(double[] leafScores, int[] classOfLeaf) {
        requireSameLength(leafScores, classOfLeaf);
        double[] logs = LogScale.normalised(leafScores);
        int classes = Arrays.stream(classOfLeaf).max().orElse(-1) + 1;
        return IntStream.range(0, classes)
                .mapToDouble(number -> {
                    double[] members = IntStream.range(0, logs.length)
                            .filter(leaf -> classOfLeaf[leaf] == number)
                            .mapToDouble(leaf -> logs[leaf])
                            .toArray();
                    if (members.length == 0) {
                        throw new IllegalArgumentException("class " + number + " has no label");
                    }
                    return LogScale.logMean(members);
                })
                .toArray();
    }

    /**
     * Ranks the labels of one row.
     *
     * @param classScores a score for each class: in either way
     * @param leafScores a score for each label
     * @param classOfLeaf number of each label's class, from 0
     * @return a score for each label; minus infinity outside the best classes. Of equal classes the first ones are kept
     */
    public double[] rank(double[] classScores, double[] leafScores, int[] classOfLeaf) {
        requireSameLength(leafScores, classOfLeaf);
        Set<Integer> kept = IntStream.range(0, classScores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(number -> -classScores[number]))
                .limit(keep)
                .collect(Collectors.toSet());
        return IntStream.range(0, leafScores.length)
                .mapToDouble(leaf -> {
                    int number = classOfLeaf[leaf];
                    if (number < 0 || number >= classScores.length) {
                        throw new IllegalArgumentException(
                                "label " + leaf + " is of class " + number + " of " + classScores.length);
                    }
                    return kept.contains(number) ? leafScores[leaf] : Double.NEGATIVE_INFINITY;
                })
                .toArray();
    }

    private static void requireSameLength(double[] leafScores, int[] classOfLeaf) {
        if (leafScores.length != classOfLeaf.length) {
            throw new IllegalArgumentException(
                    leafScores.length + " scores for " + classOfLeaf.length + " labels with a class");
        }
    }
}
