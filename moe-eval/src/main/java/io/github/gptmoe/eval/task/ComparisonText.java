package io.github.gptmoe.eval.task;

import java.util.List;
import java.util.Locale;

/** A comparison as text for a terminal. */
public final class ComparisonText {
    private ComparisonText() {}

    /**
     * A line for each task, and one for their mean.
     *
     * @param comparison of two runs
     * @return lines, each ended
     */
    public static String of(Comparison comparison) {
        TextTable table = new TextTable();
        table.row(List.of(
                "",
                "rows",
                "A",
                "B",
                "A - B",
                "95 % interval",
                "p",
                "both right",
                "only A",
                "only B",
                "neither",
                "McNemar p"));
        comparison.tasks().forEach(task -> table.row(cells(task)));
        if (comparison.tasks().size() > 1) {
            table.row(List.of(
                    "mean",
                    "",
                    TextTable.percent(comparison.meanA()),
                    TextTable.percent(comparison.meanB()),
                    points(comparison.difference()),
                    points(comparison.interval()),
                    p(comparison.p())));
        }
        StringBuilder text = new StringBuilder();
        text.append("A: ")
                .append(comparison.a())
                .append("\nB: ")
                .append(comparison.b())
                .append('\n');
        text.append(table.text());
        comparison
                .remarks()
                .forEach(remark -> text.append("left out: ").append(remark).append('\n'));
        return text.toString();
    }

    private static List<String> cells(TaskComparison task) {
        return List.of(
                task.name(),
                String.valueOf(task.n()),
                TextTable.percent(task.accuracyA()),
                TextTable.percent(task.accuracyB()),
                points(task.difference()),
                points(task.interval()),
                p(task.p()),
                String.valueOf(task.bothRight()),
                String.valueOf(task.onlyA()),
                String.valueOf(task.onlyB()),
                String.valueOf(task.neither()),
                p(task.mcNemarP()));
    }

    private static String points(double difference) {
        return String.format(Locale.ROOT, "%+.1f", 100 * difference);
    }

    private static String points(Interval interval) {
        return points(interval.low()) + " to " + points(interval.high());
    }

    private static String p(double p) {
        return p < 0.001 ? "<0.001" : String.format(Locale.ROOT, "%.3f", p);
    }
}
