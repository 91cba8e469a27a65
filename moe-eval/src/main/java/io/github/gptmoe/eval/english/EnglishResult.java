package io.github.gptmoe.eval.english;

import io.github.gptmoe.eval.task.Baselines;
import io.github.gptmoe.eval.task.Interval;
import io.github.gptmoe.eval.task.LabelSet;
import io.github.gptmoe.eval.task.Prediction;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How well an English task was solved. Written as JSON, it is the document of {@code moe zeroshot --json}; what is NaN here is
 * null there.
 *
 * @param task name
 * @param split the part of the data set that the file has, such as {@code test}
 * @param n questions
 * @param correct questions that were answered rightly
 * @param accuracy {@code correct / n}
 * @param interval of the accuracy, 95 %, by bootstrap
 * @param accuracyPerCharacter with log-likelihoods divided by characters; NaN where that is no metric of the task
 * @param intervalPerCharacter its interval; null there
 * @param perplexity {@code exp(-mean log-likelihood)} over questions; NaN where that is no metric of the task
 * @param rule how answers were judged
 * @param seconds that scoring took
 * @param promptsPerSecond questions a second
 * @param cutRows questions whose context was too long for the model and lost its beginning
 * @param cutCandidates of these, questions with a candidate that was cut itself, so that its score is of its last tokens only
 * @param baselines accuracies without a model; NaN where nothing is chosen from
 */
public record EnglishResult(
        String task,
        String split,
        int n,
        int correct,
        double accuracy,
        Interval interval,
        double accuracyPerCharacter,
        @Nullable Interval intervalPerCharacter,
        double perplexity,
        String rule,
        double seconds,
        double promptsPerSecond,
        int cutRows,
        int cutCandidates,
        Baselines baselines) {

    /** What was found for the questions of a task, one entry each. */
    @SuppressWarnings("ArrayRecordComponent") // Made once and read here, never compared.
    record Found(List<Prediction> predictions, int[] right, int[] rightPerCharacter, double[] logLikelihoods) {}

    /** What is known beside them. */
    record Facts(String split, double seconds, int cutRows, int cutCandidates) {}

    static EnglishResult of(EnglishTask task, Facts facts, Found found) {
        int n = found.right.length;
        int correct = IntStream.of(found.right).sum();
        boolean perCharacter = task.perCharacter();
        return new EnglishResult(
                task.name(),
                facts.split,
                n,
                correct,
                (double) correct / n,
                Interval.bootstrap(found.right, task.name()),
                perCharacter ? (double) IntStream.of(found.rightPerCharacter).sum() / n : Double.NaN,
                perCharacter ? Interval.bootstrap(found.rightPerCharacter, task.name()) : null,
                task.perplexity()
                        ? Math.exp(
                                -Arrays.stream(found.logLikelihoods).average().orElseThrow())
                        : Double.NaN,
                task.rule(),
                facts.seconds,
                n / facts.seconds,
                facts.cutRows,
                facts.cutCandidates,
                baselines(task, found.predictions));
    }

    private static Baselines baselines(EnglishTask task, List<Prediction> predictions) {
        if (!task.choice()) {
            return new Baselines(Double.NaN, "", Double.NaN, Double.NaN, Double.NaN);
        }
        LabelSet labels = task.labels();
        int[] counts = new int[labels.size()];
        predictions.forEach(prediction -> counts[prediction.gold()]++);
        int majority = 0;
        for (int label = 1; label < counts.length; label++) {
            majority = counts[label] > counts[majority] ? label : majority;
        }
        return new Baselines(
                (double) counts[majority] / predictions.size(),
                labels.values().get(majority),
                1.0 / labels.size(),
                Double.NaN,
                Double.NaN);
    }
}
