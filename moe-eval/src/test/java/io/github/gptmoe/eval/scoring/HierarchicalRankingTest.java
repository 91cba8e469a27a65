package io.github.gptmoe.eval.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.eval.scoring.HierarchicalRanking.ClassScore;
import io.github.gptmoe.eval.scoring.HierarchicalRanking.LeafScore;
import java.util.Random;
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
        assertThat(new HierarchicalRanking(1, LeafScore.OWN).rank(classes, LEAVES, CLASSES))
                .containsExactly(out, out, out, -3, out);
        assertThat(new HierarchicalRanking(2, LeafScore.OWN).rank(classes, LEAVES, CLASSES))
                .containsExactly(out, -2, -6, -3, out);
        assertThat(new HierarchicalRanking(3, LeafScore.OWN).rank(classes, LEAVES, CLASSES))
                .isEqualTo(LEAVES);
        assertThat(new HierarchicalRanking(9, LeafScore.OWN).rank(classes, LEAVES, CLASSES))
                .isEqualTo(LEAVES);
    }

    @Test
    void ofEqualClassesTheFirstStays() {
        assertThat(best(new HierarchicalRanking(1, LeafScore.OWN).rank(new double[] {-1, -1, -1}, LEAVES, CLASSES)))
                .isZero();
    }

    @Test
    void aClassLiftsItsLabels() {
        double[] classes = {Math.log(0.1), Math.log(0.6), Math.log(0.3)};
        double[] scores = new HierarchicalRanking(2, LeafScore.WITH_CLASS).rank(classes, LEAVES, CLASSES);
        assertThat(scores[0]).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(scores[1]).isCloseTo(-2 + Math.log(0.6), within(1e-12));
        assertThat(scores[3]).isCloseTo(-3 + Math.log(0.3), within(1e-12));
        double[] shifted = {classes[0] + 7, classes[1] + 7, classes[2] + 7};
        assertThat(new HierarchicalRanking(2, LeafScore.WITH_CLASS).rank(shifted, LEAVES, CLASSES)[1])
                .isCloseTo(scores[1], within(1e-12));
    }

    @Test
    void classesScoredByTheirLabels() {
        double[] leaves = {Math.log(0.1), Math.log(0.3), Math.log(0.2), Math.log(0.25), Math.log(0.15)};
        double[] best = HierarchicalRanking.classScores(ClassScore.BEST_LEAF, leaves, CLASSES);
        double[] mean = HierarchicalRanking.classScores(ClassScore.MEAN_LEAF, leaves, CLASSES);
        double[] expectedBest = {0.15, 0.3, 0.25};
        double[] expectedMean = {0.125, 0.25, 0.25};
        for (int i = 0; i < 3; i++) {
            assertThat(best[i]).isCloseTo(Math.log(expectedBest[i]), within(1e-12));
            assertThat(mean[i]).isCloseTo(Math.log(expectedMean[i]), within(1e-12));
        }
    }

    /** What the documentation warns of: this way a hierarchy changes no first place. */
    @Test
    void bestLabelsAsClassesGiveTheFlatChoice() {
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            double[] leaves = random.doubles(5, -10, 0).toArray();
            double[] classes = HierarchicalRanking.classScores(ClassScore.BEST_LEAF, leaves, CLASSES);
            int flat = best(leaves);
            assertThat(best(new HierarchicalRanking(1, LeafScore.OWN).rank(classes, leaves, CLASSES)))
                    .isEqualTo(flat);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        HierarchicalRanking ranking = new HierarchicalRanking(1, LeafScore.OWN);
        assertThatIllegalArgumentException().isThrownBy(() -> new HierarchicalRanking(0, LeafScore.OWN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ranking.rank(new double[] {1, 2}, LEAVES, CLASSES))
                .withMessageContaining("label 3 is of class 2 of 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ranking.rank(new double[] {1, 2, 3}, LEAVES, new int[] {0}))
                .withMessageContaining("5 scores for 1 labels");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        HierarchicalRanking.classScores(ClassScore.BEST_LEAF, new double[] {1, 2}, new int[] {0, 2}))
                .withMessageContaining("class 1 has no label");
    }
}
