package io.github.gptmoe.eval.english;

import io.github.gptmoe.eval.task.LabelSet;
import java.util.List;

/** An answer is right if greedy decoding writes it, token for token; of several right answers any will do. */
abstract class Exact implements EnglishTask {
    private static final int FOUND = 0;
    private static final int MISSED = 1;

    @Override
    public String rule() {
        return "greedy";
    }

    @Override
    public LabelSet labels() {
        return LabelSet.of(List.of("found", "missed"));
    }

    @Override
    public boolean choice() {
        return false;
    }

    @Override
    public int chosen(EnglishQuestion question, List<LoglikelihoodAnswer> answers) {
        return answers.stream().anyMatch(LoglikelihoodAnswer::greedy) ? FOUND : MISSED;
    }

    /** The log-likelihood of the most probable right answer. */
    @Override
    public double[] scores(EnglishQuestion question, List<LoglikelihoodAnswer> answers) {
        return new double[] {
            answers.stream()
                    .mapToDouble(LoglikelihoodAnswer::logLikelihood)
                    .max()
                    .orElseThrow(),
            Double.NaN
        };
    }
}
