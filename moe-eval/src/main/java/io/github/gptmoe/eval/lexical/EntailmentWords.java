package io.github.gptmoe.eval.lexical;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskLexical;
import io.github.gptmoe.data.task.TaskRow;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A hypothesis with a negation, or an "all" or "none", that the premise lacks contradicts it; of the others, those that share
 * more with the premise follow, and those that share less are open. Crude, and far above chance: people who are asked to write a
 * contradiction negate (Gururangan et al. 2018, Annotation Artifacts in Natural Language Inference Data).
 */
final class EntailmentWords {
    /** Probability of a contradiction with a new word of these kinds, and without one. */
    private static final double WITH = 0.7;

    private static final double WITHOUT = 0.15;

    private static final List<String> NEGATION = List.of("不", "没", "无", "非", "别", "未");
    private static final List<String> EXTREME = List.of("只", "所有", "任何", "全", "从来", "绝");

    private EntailmentWords() {}

    static LexicalBaseline of(Task task, TaskLexical lexical, List<TaskRow> rows) {
        String premise = lexical.slots().get(0);
        String hypothesis = lexical.slots().get(1);
        int[] labels = lexical.labels().stream()
                .mapToInt(value -> task.labelIndex(value).orElseThrow())
                .toArray();
        TermWeights weights = new TermWeights(rows.stream()
                .flatMap(row -> Stream.of(row.slot(premise), row.slot(hypothesis)))
                .toList());
        Population shared = new Population(rows.stream()
                .mapToDouble(row -> weights.coverage(row.slot(premise), row.slot(hypothesis)))
                .toArray());
        return row -> {
            double contradicts = bringsNew(row.slot(premise), row.slot(hypothesis)) ? WITH : WITHOUT;
            double follows = shared.rank(weights.coverage(row.slot(premise), row.slot(hypothesis)));
            double[] probabilities = new double[task.labels().size()];
            probabilities[labels[0]] = (1 - contradicts) * follows;
            probabilities[labels[1]] = (1 - contradicts) * (1 - follows);
            probabilities[labels[2]] = contradicts;
            return probabilities;
        };
    }

    private static boolean bringsNew(String premise, String hypothesis) {
        return Stream.concat(NEGATION.stream(), EXTREME.stream())
                .anyMatch(word -> hypothesis.contains(Objects.requireNonNull(word)) && !premise.contains(word));
    }
}
