package io.github.gptmoe.eval.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HierarchicalRankingTest {
    private static final int[] CLASSES = {0, 1, 1, 2, 0};
    private static final double[] LEAVES = {-1, -2, -6, -3, -4};

    private static int best(double[] scores) {
        return IntStream.range(0, scores.length).reduce(0, (a, b) -> scores[b] > scores[a] ? b : a);
    }

    @Test
    void onlyLabelsOfTheBestClassesStay() {
        double[] classes = {-9, -5, -4};
        double out = Double.NEGATIVE_INFINITY;
        assertThat(new HierarchicalRanking(1).rank(classes, LEAVES, CLASSES)).containsExactly(out, out, out, -3, out);
        assertThat(new HierarchicalRanking(2).rank(classes, LEAVES, CLASSES)).containsExactly(out, -2, -6, -3, out);
        assertThat(new HierarchicalRanking(3).rank(classes, LEAVES, CLASSES)).isEqualTo(LEAVES);
        assertThat(new HierarchicalRanking(9).rank(classes, LEAVES, CLASSES)).isEqualTo(LEAVES);
    }

    @Test
    void ofEqualClassesTheFirstStays() {
        assertThat(best(new HierarchicalRanking(1).rank(new double[] {-1, -1, -1}, LEAVES, CLASSES)))
                .isZero();
    }

    @Test
    void classesScoredByTheirLabels() {
        double[] leaves = {Math.log(0.1), Math.log(0.3), Math.log(0.2), Math.log(0.25), Math.log(0.15)};
        double[] shifted = Arrays.stream(leaves).map(score -> score + 7).toArray();
        double[] means = {0.125, 0.25, 0.25};
        for (int i = 0; i < 3; i++) {
            assertThat(HierarchicalRanking.meansOfLabels(leaves, CLASSES)[i])
                    .isCloseTo(Math.log(means[i]), within(1e-12));
            assertThat(HierarchicalRanking.meansOfLabels(shifted, CLASSES)[i])
                    .isCloseTo(Math.log(means[i]), within(1e-12));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        HierarchicalRanking ranking = new HierarchicalRanking(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new HierarchicalRanking(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ranking.rank(new double[] {1, 2}, LEAVES, CLASSES))
                .withMessageContaining("label 3 is of class 2 of 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ranking.rank(new double[] {1, 2, 3}, LEAVES, new int[] {0}))
                .withMessageContaining("5 scores for 1 labels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HierarchicalRanking.meansOfLabels(new double[] {1, 2}, new int[] {0, 2}))
                .withMessageContaining("class 1 has no label");
    }
}
