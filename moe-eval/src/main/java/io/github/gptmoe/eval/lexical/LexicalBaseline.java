package io.github.gptmoe.eval.lexical;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskLabel;
import io.github.gptmoe.data.task.TaskLexical;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.Largest;
import java.util.List;
import java.util.Optional;

/**
 * What the words of a row alone say about its label. No model and no labels: only the task's own words and unlabelled texts.
 */
@FunctionalInterface
public interface LexicalBaseline {
    /**
     * Judges a row.
     *
     * @param row a row of the task
     * @return a probability for each label, with sum 1
     */
    double[] probabilities(TaskRow row);

    /**
     * The most probable label of a row.
     *
     * @param row a row of the task
     * @return its place among the labels; the first of equals
     */
    default int answer(TaskRow row) {
        return Largest.of(probabilities(row));
    }

    /**
     * Learns what can be learnt without labels, beginning with the seed words of the task's file.
     *
     * @param task the task, whose file says which signal is used
     * @param rows rows whose texts are looked at and whose labels are not; at least one
     * @return the baseline, or nothing where the task's file names none
     */
    static Optional<LexicalBaseline> of(Task task, List<TaskRow> rows) {
        TaskLexical lexical = task.lexical();
        if (lexical == null) {
            return Optional.empty();
        }
        return Optional.of(
                switch (lexical.method()) {
                    case SEEDS ->
                        naiveBayes(
                                lexical,
                                rows,
                                task.labels().stream().map(TaskLabel::seeds).toList());
                    case SIMILARITY -> Halves.of(task, rows, similarity(lexical, rows));
                    case ENTAILMENT -> EntailmentWords.of(task, lexical, rows);
                    case ENTRY_LENGTH ->
                        Halves.of(
                                task,
                                rows,
                                row -> meanEntryLength(row.slot(lexical.slots().get(0))));
                    case TEXT_LENGTH ->
                        Halves.of(
                                task,
                                rows,
                                row -> row.slot(lexical.slots().get(0)).length());
                });
    }

    /**
     * The same for a task with seed words, beginning with nothing but the label words of the task's first pattern: what is left
     * of the signal without the knowledge that the seed words bring.
     *
     * @param task the task
     * @param rows as above
     * @return the baseline, or nothing where the task's signal is another one
     */
    static Optional<LexicalBaseline> ofLabelWords(Task task, List<TaskRow> rows) {
        TaskLexical lexical = task.lexical();
        if (lexical == null || lexical.method() != TaskLexical.Method.SEEDS) {
            return Optional.empty();
        }
        List<String> words = task.sets().get(0).patterns().get(0).labelWords(task);
        return Optional.of(
                naiveBayes(lexical, rows, words.stream().map(List::of).toList()));
    }

    private static LexicalBaseline naiveBayes(TaskLexical lexical, List<TaskRow> rows, List<List<String>> seeds) {
        LexicalClassifier classifier = LexicalClassifier.train(
                rows.stream().map(row -> text(lexical, row)).toList(), seeds, LexicalClassifier.Settings.standard());
        return row -> classifier.probabilities(text(lexical, row));
    }

    private static String text(TaskLexical lexical, TaskRow row) {
        return String.join("\n", lexical.slots().stream().map(row::slot).toList());
    }

    private static Halves.Signal similarity(TaskLexical lexical, List<TaskRow> rows) {
        String one = lexical.slots().get(0);
        String other = lexical.slots().get(1);
        TermWeights weights = new TermWeights(rows.stream()
                .flatMap(row -> List.of(row.slot(one), row.slot(other)).stream())
                .toList());
        return row -> weights.cosine(row.slot(one), row.slot(other));
    }

    private static double meanEntryLength(String entries) {
        String[] each = entries.split("[、,，;；]", -1);
        return (double) (entries.length() - each.length + 1) / each.length;
    }
}
