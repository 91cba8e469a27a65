package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.data.task.ScoringPrompt;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskClass;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.scoring.CandidatePrompt;
import io.github.gptmoe.eval.scoring.CandidateScore;
import io.github.gptmoe.eval.scoring.CandidateScorer;
import io.github.gptmoe.eval.scoring.ScoredRows;
import io.github.gptmoe.eval.scoring.ScoringRule;
import io.github.gptmoe.eval.scoring.ScoringRule.Need;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Scores the labels of rows in one pattern. With coarse ranking, the words of the first-level classes are candidates beside
 * those of the labels, so that each text passes the model once.
 *
 * @param task the task
 * @param encoder one of its patterns
 * @param scorer gives log-probabilities
 * @param rule turns them into scores
 * @param coarse whether first-level classes are scored too
 */
record PatternScorer(Task task, PromptEncoder encoder, CandidateScorer scorer, ScoringRule rule, boolean coarse) {
    /** Scores of rows; those of classes are empty where they were not asked for. */
    @SuppressWarnings("ArrayRecordComponent") // Made once, handed on, never compared.
    record Scores(double[][] labels, double[][] classes) {}

    /** What stands in the place of a text that says nothing (Zhao et al. 2021 use N/A, [MASK] and nothing). */
    private static final List<String> CONTENT_FREE = List.of("无", "N/A", "。");

    /** The prompts of rows, for counting what did not fit and for scoring. */
    List<ScoringPrompt> prompts(List<TaskRow> rows, List<TaskRow> examples) {
        return rows.stream()
                .map(row -> encoder.scoring(row, examples, candidates(row)))
                .toList();
    }

    /**
     * Scores rows.
     *
     * @param rows rows of the task
     * @param prompts theirs
     * @param examples that the prompts show
     * @return a score for each label, and for each class where coarse ranking was asked for, of each row
     */
    Scores scores(List<TaskRow> rows, List<ScoringPrompt> prompts, List<TaskRow> examples) {
        List<List<CandidateScore>> all = logs(prompts);
        double[][] labels = rule.score(withNeeds(first(all), rows, examples, false));
        return new Scores(
                labels, coarse ? rule.score(withNeeds(rest(all), rows, examples, true)) : new double[labels.length][0]);
    }

    private List<String> classWords() {
        return task.tree().stream().map(TaskClass::word).toList();
    }

    private List<String> candidates(TaskRow row) {
        return coarse
                ? Stream.concat(encoder.words(row).stream(), classWords().stream())
                        .toList()
                : encoder.words(row);
    }

    private List<List<CandidateScore>> logs(List<ScoringPrompt> prompts) {
        return scorer.score(candidatePrompts(prompts), rule.parts());
    }

    /** What a scorer is given. */
    static List<CandidatePrompt> candidatePrompts(List<ScoringPrompt> prompts) {
        return prompts.stream()
                .map(prompt -> new CandidatePrompt(prompt.beforeIds(), prompt.candidateIds(), prompt.afterIds()))
                .toList();
    }

    private List<List<CandidateScore>> first(List<List<CandidateScore>> rows) {
        int labels = task.labels().size();
        return rows.stream().map(row -> row.subList(0, labels)).toList();
    }

    private List<List<CandidateScore>> rest(List<List<CandidateScore>> rows) {
        int labels = task.labels().size();
        return rows.stream().map(row -> row.subList(labels, row.size())).toList();
    }

    private ScoredRows withNeeds(
            List<List<CandidateScore>> scores, List<TaskRow> rows, List<TaskRow> examples, boolean classes) {
        ScoredRows scored = ScoredRows.of(scores);
        if (rule.needs().contains(Need.CHARACTERS)) {
            scored = scored.withCharacters(rows.stream()
                    .map(row -> (classes ? classWords() : encoder.words(row))
                            .stream()
                                    .map(word -> word.codePointCount(0, word.length()))
                                    .toList())
                    .toList());
        }
        TaskRow any = rows.get(0);
        if (rule.needs().contains(Need.CONTENT_FREE)) {
            List<ScoringPrompt> empty = new ArrayList<>();
            CONTENT_FREE.forEach(filler -> empty.add(encoder.contentFree(any, examples, filler, candidates(any))));
            scored = scored.withContentFree(classes ? rest(logs(empty)) : first(logs(empty)));
        }
        if (rule.needs().contains(Need.PREMISE)) {
            List<List<CandidateScore>> premise =
                    logs(List.of(encoder.contentFree(any, List.of(), "", candidates(any))));
            scored = scored.withPremise((classes ? rest(premise) : first(premise)).get(0));
        }
        return scored;
    }
}
