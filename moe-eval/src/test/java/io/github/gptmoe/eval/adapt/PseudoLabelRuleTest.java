package io.github.gptmoe.eval.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PseudoLabelRuleTest {
    private static final PseudoLabelRule PLAIN = new PseudoLabelRule(0, 0, false, false);

    @Test
    void theBestLabelWins_andTheFirstOfEquals() {
        double[][] probabilities = {{0.2, 0.8}, {0.5, 0.5}, {0.9, 0.1}};

        assertEquals(
                List.of(new PseudoLabel(0, 1, 1), new PseudoLabel(1, 0, 1), new PseudoLabel(2, 0, 1)),
                PLAIN.choose(probabilities));
    }

    @Test
    void rowsBelowTheThresholdAndRowsOfZerosGetNone() {
        double[][] probabilities = {{0.55, 0.45}, {0.6, 0.4}, {0, 0}};

        assertEquals(
                List.of(new PseudoLabel(1, 0, 1)), new PseudoLabelRule(0.6, 0, false, false).choose(probabilities));
        assertEquals(2, PLAIN.choose(probabilities).size());
    }

    @Test
    void aClassKeepsItsSurestRows() {
        double[][] probabilities = {{0.7, 0.3}, {0.9, 0.1}, {0.8, 0.2}, {0.1, 0.9}};

        // ceil(1 * 4 / 2) = 2 rows of a class
        assertEquals(
                List.of(new PseudoLabel(1, 0, 1), new PseudoLabel(2, 0, 1), new PseudoLabel(3, 1, 1)),
                new PseudoLabelRule(0, 1, false, false).choose(probabilities));
    }

    @Test
    void softLabelsShareTheRow() {
        double[][] probabilities = {{0.6, 0.3, 0.06, 0.04}};

        List<PseudoLabel> labels = new PseudoLabelRule(0, 0, false, true).choose(probabilities);

        assertEquals(List.of(0, 1), labels.stream().map(PseudoLabel::label).toList());
        assertEquals(2.0 / 3, labels.get(0).weight(), 1e-12);
        assertEquals(1.0 / 3, labels.get(1).weight(), 1e-12);
    }

    @Test
    void correctionOfThePriorMakesClassesEquallyFrequentAndKeepsTheOrderInsideAClass() {
        Random random = new Random(5);
        double[][] probabilities = IntStream.range(0, 400)
                .mapToObj(i -> {
                    double[] row = {2 * random.nextDouble(), random.nextDouble(), 0.3 * random.nextDouble()};
                    double sum = Arrays.stream(row).sum();
                    return Arrays.stream(row).map(p -> p / sum).toArray();
                })
                .toArray(double[][]::new);
        double[][] before = Arrays.stream(probabilities).map(double[]::clone).toArray(double[][]::new);

        double[][] corrected = PriorCorrection.uniform(probabilities);

        assertArrayEquals(before, probabilities, "the argument is not changed");
        for (int k = 0; k < 3; k++) {
            int label = k;
            assertEquals(
                    1.0 / 3,
                    Arrays.stream(corrected)
                            .mapToDouble(row -> row[label])
                            .average()
                            .orElseThrow(),
                    1e-5);
        }
        double first = corrected[0][0] / corrected[0][1] / (before[0][0] / before[0][1]);
        for (int row = 0; row < corrected.length; row++) {
            assertEquals(1, Arrays.stream(corrected[row]).sum(), 1e-9);
            // One factor for each class: ratios change by the same in every row.
            assertEquals(
                    first, corrected[row][0] / corrected[row][1] / (before[row][0] / before[row][1]), first * 1e-6);
        }
    }

    @Test
    void correctionLeavesRowsOfZerosAndEmptyClassesAlone() {
        double[][] corrected = PriorCorrection.uniform(new double[][] {{0, 0, 0}, {0.9, 0.1, 0}, {0.7, 0.3, 0}});

        assertArrayEquals(new double[3], corrected[0]);
        assertEquals(0, corrected[1][2]);
        assertEquals(1, corrected[1][0] + corrected[2][0], 1e-5);
        assertEquals(0, PriorCorrection.uniform(new double[0][]).length);
    }

    @Test
    void agreementPassesOverWhatIsDisputed() {
        double[][] agreed =
                Agreement.of(new double[][] {{0.9, 0.1}, {0.8, 0.2}}, new double[][] {{0.4, 0.6}, {0.5, 0.5}});

        assertArrayEquals(new double[2], agreed[0]);
        assertEquals(1, agreed[1][0] + agreed[1][1], 1e-12);
        assertEquals(2, agreed[1][0] / agreed[1][1], 1e-12);
        assertTrue(PLAIN.choose(agreed).stream().allMatch(label -> label.row() == 1));
    }
}
