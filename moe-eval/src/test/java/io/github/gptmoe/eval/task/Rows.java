package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Predictions for tests. */
final class Rows {
    static final LabelSet OPINION = new LabelSet(List.of("Positive", "Negative"), List.of("好评", "差评"));

    private Rows() {}

    static ScoringFacts facts(String task) {
        return new ScoringFacts(task, "test_public", "likelihood", 2.5, 40, 3, 0.75, 0.5);
    }

    /** Pairs of right and given label, in lines from 1; ids are ten times the line, numbers or texts in turn. */
    static List<Prediction> of(LabelSet labels, int[]... goldAndPredicted) {
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < goldAndPredicted.length; i++) {
            int[] row = goldAndPredicted[i];
            double[] scores = new double[labels.size()];
            scores[row[1]] = 1.5;
            int id = 10 * (i + 1);
            JsonNode node = i % 2 == 0 ? IntNode.valueOf(id) : TextNode.valueOf(String.valueOf(id));
            predictions.add(new Prediction(i + 1, node, row[0], row[1], scores));
        }
        return predictions;
    }

    static List<Prediction> random(LabelSet labels, int count, double accuracy, long seed) {
        Random random = new Random(seed);
        int[][] rows = new int[count][];
        for (int i = 0; i < count; i++) {
            int gold = i % labels.size();
            boolean right = random.nextDouble() < accuracy;
            rows[i] = new int[] {gold, right ? gold : (gold + 1) % labels.size()};
        }
        return of(labels, rows);
    }
}
