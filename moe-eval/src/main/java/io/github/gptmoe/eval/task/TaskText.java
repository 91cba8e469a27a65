package io.github.gptmoe.eval.task;

import io.github.gptmoe.eval.task.Confusion.Mistake;
import java.util.List;
import java.util.Locale;

/** A result as text for a terminal. */
public final class TaskText {
    private static final int MOST_LABELS = 20;
    private static final int MOST_MISTAKES = 10;

    private TaskText() {}

    /**
     * A few lines, a table of labels where they are not too many, and the commonest mistakes.
     *
     * @param result what came out
     * @return lines, each ended
     */
    public static String of(TaskResult result) {
        StringBuilder text = new StringBuilder();
        text.append(result.task()).append(", ").append(result.split()).append(": ");
        text.append(facts(result)).append('\n');
        if (result.measured()) {
            text.append(accuracy(result)).append('\n').append(labels(result)).append(mistakes(result));
        } else {
            text.append("no labels are known, so there is no accuracy\n");
        }
        return text.toString();
    }

    /** Rows, rule, time, cut texts. */
    static String facts(TaskResult result) {
        String cut = result.cutRows() == 0 ? "" : ", " + result.cutRows() + " texts cut to fit the model";
        return result.n() + " rows" + (result.labelled() < result.n() ? ", " + result.labelled() + " with a label" : "")
                + ", rule " + result.rule() + ", "
                + TextTable.number("%.1f", result.seconds()) + " s, "
                + TextTable.number("%.1f", result.promptsPerSecond()) + " prompts/s" + cut;
    }

    /** Accuracy with its interval, F1, baselines. */
    static String accuracy(TaskResult result) {
        Baselines baselines = result.baselines();
        return "accuracy " + TextTable.percent(result.accuracy()) + " % (95 %: "
                + TextTable.percent(result.interval()) + "), macro F1 " + TextTable.percent(result.macroF1())
                + "; lexical " + TextTable.percent(baselines.lexical()) + " (label words alone "
                + TextTable.percent(baselines.labelWords()) + "), commonest label "
                + TextTable.percent(baselines.majority()) + " (" + name(result, baselines.majorityLabel())
                + "), random " + TextTable.percent(baselines.random());
    }

    private static String name(TaskResult result, String value) {
        LabelResult label = result.perLabel().get(value);
        return label == null ? value : label.name();
    }

    static List<String> heading() {
        return List.of("label", "name", "rows", "given", "precision", "recall", "F1");
    }

    static List<String> cells(String value, LabelResult label) {
        return List.of(
                value,
                label.name(),
                String.valueOf(label.count()),
                String.valueOf(label.predicted()),
                TextTable.percent(label.precision()),
                TextTable.percent(label.recall()),
                TextTable.percent(label.f1()));
    }

    private static String labels(TaskResult result) {
        if (result.perLabel().size() > MOST_LABELS) {
            return result.perLabel().size() + " labels: see the page or --json for each\n";
        }
        TextTable table = new TextTable().row(heading());
        result.perLabel().forEach((value, label) -> table.row(cells(value, label)));
        return table.text();
    }

    private static String mistakes(TaskResult result) {
        List<Mistake> top = result.confusion().top(MOST_MISTAKES);
        StringBuilder text = new StringBuilder(top.isEmpty() ? "no mistakes" : "commonest mistakes:");
        for (Mistake mistake : top) {
            String line = String.format(
                    Locale.ROOT,
                    "  %s taken for %s: %d of %d",
                    shown(result, mistake.gold()),
                    shown(result, mistake.predicted()),
                    mistake.count(),
                    result.confusion().goldCount(mistake.gold()));
            text.append('\n').append(line);
        }
        return text.append('\n').toString();
    }

    private static String shown(TaskResult result, int label) {
        return name(result, result.confusion().labels().get(label));
    }
}
