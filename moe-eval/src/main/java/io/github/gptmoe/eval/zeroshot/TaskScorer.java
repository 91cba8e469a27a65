package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.PatternSet;
import io.github.gptmoe.data.task.PromptCounts;
import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.data.task.ScoringPrompt;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskPattern;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.scoring.CandidatePrompt;
import io.github.gptmoe.eval.scoring.CandidateScore;
import io.github.gptmoe.eval.scoring.CandidateScorer;
import io.github.gptmoe.eval.scoring.HierarchicalRanking;
import io.github.gptmoe.eval.scoring.HierarchicalRanking.ClassScore;
import io.github.gptmoe.eval.scoring.PatternAverage;
import io.github.gptmoe.eval.scoring.ScoreParts;
import io.github.gptmoe.eval.scoring.ScoringRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Asks a model about the rows of tasks: patterns filled in, candidates scored, scores of several patterns averaged. */
public final class TaskScorer {
    /** Rows that are scored between two reports of progress; like lengths share a batch within. */
    private static final int ROWS_AT_ONCE = 256;

    private final TrainedModel trained;
    private final ZeroShotSettings settings;
    private final CandidateScorer scorer;

    /**
     * Makes a scorer.
     *
     * @param trained the model; stays open while this is used
     * @param settings how tasks are asked
     */
    public TaskScorer(TrainedModel trained, ZeroShotSettings settings) {
        this.trained = trained;
        this.settings = settings;
        scorer = settings.shared() ? CandidateScorer.shared(trained) : CandidateScorer.naive(trained);
    }

    /**
     * Scores the labels of rows.
     *
     * @param task the task
     * @param rows rows of it, at least one; their labels are not looked at
     * @param examples labelled rows that each prompt shows; empty for none
     * @param progress hears how many rows are done
     * @return scores in the order of the rows
     * @throws InputException if patterns, rule or tokenizer do not fit the task, or a prompt does not fit the model
     */
    public TaskScores score(Task task, List<TaskRow> rows, List<TaskRow> examples, IntConsumer progress) {
        long start = System.nanoTime();
        PatternSet set = settings.set(task);
        ScoringRule rule = settings.rule(task);
        List<PatternScorer.Scores> byPattern = new ArrayList<>();
        List<ScoringPrompt> all = new ArrayList<>();
        int patterns = set.patterns().size();
        for (TaskPattern pattern : set.patterns()) {
            CandidateScorer reporting = (prompts, parts) ->
                    inParts(prompts, parts, done -> progress.accept((all.size() + done) / patterns));
            PatternScorer one = pattern(task, pattern, reporting, rule);
            List<ScoringPrompt> prompts = one.prompts(rows, examples);
            byPattern.add(one.scores(rows, prompts, examples));
            all.addAll(prompts);
        }
        double[][] labels =
                average(byPattern.stream().map(PatternScorer.Scores::labels).toList());
        double[][] scores = coarse(task) ? ranked(task, labels, classes(task, labels, byPattern)) : labels;
        double seconds = (System.nanoTime() - start) / 1e9;
        return new TaskScores(scores, rule.name(), PromptCounts.of(all), seconds);
    }

    /**
     * The prompts that {@link #score} scores, for whoever wants to score them in another way.
     *
     * @param task the task
     * @param rows rows of it
     * @param examples labelled rows that each prompt shows; empty for none
     * @return those of the first pattern in the order of rows, then those of the next
     * @throws InputException as {@link #score} does
     */
    public List<CandidatePrompt> prompts(Task task, List<TaskRow> rows, List<TaskRow> examples) {
        ScoringRule rule = settings.rule(task);
        return settings.set(task).patterns().stream()
                .map(pattern -> pattern(task, pattern, scorer, rule).prompts(rows, examples))
                .flatMap(prompts -> PatternScorer.candidatePrompts(prompts).stream())
                .toList();
    }

    private PatternScorer pattern(Task task, TaskPattern pattern, CandidateScorer with, ScoringRule rule) {
        PromptEncoder encoder = new PromptEncoder(task, pattern, trained.tokenizer(), trained.sequenceLength());
        return new PatternScorer(task, encoder, with, rule, coarse(task) && settings.classScore() == ClassScore.WORDS);
    }

    private List<List<CandidateScore>> inParts(List<CandidatePrompt> prompts, ScoreParts parts, IntConsumer done) {
        List<List<CandidateScore>> scores = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += ROWS_AT_ONCE) {
            int to = Math.min(prompts.size(), from + ROWS_AT_ONCE);
            List<List<CandidateScore>> part = scorer.score(prompts.subList(from, to), parts);
            if (part.stream().flatMap(List::stream).anyMatch(score -> Double.isNaN(score.labelLogProbability()))) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "the model of " + trained.checkpointFolder()
                                + " gives no numbers (NaN): its training diverged, or"
                                + " its weights are damaged; name an earlier checkpoint");
            }
            scores.addAll(part);
            done.accept(to);
        }
        return scores;
    }

    private boolean coarse(Task task) {
        return settings.keepClasses() > 0 && !task.tree().isEmpty();
    }

    private double[][] classes(Task task, double[][] labels, List<PatternScorer.Scores> byPattern) {
        return settings.classScore() == ClassScore.WORDS
                ? average(byPattern.stream().map(PatternScorer.Scores::classes).toList())
                : Arrays.stream(labels)
                        .map(row -> HierarchicalRanking.meansOfLabels(row, classOfLabel(task)))
                        .toArray(double[][]::new);
    }

    private static double[][] average(List<double[][]> patterns) {
        return patterns.size() == 1 ? patterns.get(0) : PatternAverage.of(patterns);
    }

    /** Patterns are averaged before: a class that one of them drops is not out of the race. */
    private double[][] ranked(Task task, double[][] labels, double[][] classes) {
        int[] classOfLabel = classOfLabel(task);
        HierarchicalRanking ranking = new HierarchicalRanking(settings.keepClasses());
        return IntStream.range(0, labels.length)
                .mapToObj(row -> ranking.rank(classes[row], labels[row], classOfLabel))
                .toArray(double[][]::new);
    }

    private static int[] classOfLabel(Task task) {
        int[] classes = new int[task.labels().size()];
        List<List<Integer>> leaves = task.leaves();
        for (int number = 0; number < leaves.size(); number++) {
            for (int leaf : leaves.get(number)) {
                classes[leaf] = number;
            }
        }
        return classes;
    }
}
