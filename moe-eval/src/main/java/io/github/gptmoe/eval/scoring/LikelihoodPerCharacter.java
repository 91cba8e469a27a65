package io.github.gptmoe.eval.scoring;

import java.util.Set;
import java.util.stream.IntStream;

/** {@code log p(label | before) / characters of the label}: as per token, and how the tokenizer cuts makes no difference. */
public record LikelihoodPerCharacter() implements ScoringRule {
    @Override
    public String name() {
        return "likelihood-per-character";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.CHARACTERS);
    }

    @Override
    public double[][] score(ScoredRows rows) {
        double[][] labels = rows.labels(name());
        return IntStream.range(0, labels.length)
                .mapToObj(row -> divided(labels[row], rows.characters(name(), row)))
                .toArray(double[][]::new);
    }

    private static double[] divided(double[] logs, int[] characters) {
        return IntStream.range(0, logs.length)
                .mapToDouble(i -> {
                    if (characters[i] < 1) {
                        throw new IllegalArgumentException("label " + i + " has " + characters[i] + " characters");
                    }
                    return logs[i] / characters[i];
                })
                .toArray();
    }
}
