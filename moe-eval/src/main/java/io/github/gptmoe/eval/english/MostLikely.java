package io.github.gptmoe.eval.english;

import io.github.gptmoe.eval.Largest;
import java.util.List;

/** The candidate with the highest log-likelihood is the answer, the first of equals. */
abstract class MostLikely implements EnglishTask {
    @Override
    public String rule() {
        return "likelihood";
    }

    @Override
    public boolean choice() {
        return true;
    }

    @Override
    public int chosen(EnglishQuestion question, List<LoglikelihoodAnswer> answers) {
        return Largest.of(scores(question, answers));
    }

    @Override
    public double[] scores(EnglishQuestion question, List<LoglikelihoodAnswer> answers) {
        return answers.stream().mapToDouble(LoglikelihoodAnswer::logLikelihood).toArray();
    }

    /** The choice when each log-likelihood is divided by the characters (code points) of its candidate. */
    static int firstPerCharacter(EnglishQuestion question, List<LoglikelihoodAnswer> answers) {
        double[] scores = new double[answers.size()];
        for (int i = 0; i < scores.length; i++) {
            String candidate = question.candidates().get(i);
            scores[i] = answers.get(i).logLikelihood() / candidate.codePointCount(0, candidate.length());
        }
        return Largest.of(scores);
    }
}
