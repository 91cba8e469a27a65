package io.github.gptmoe.eval.task;

import io.github.gptmoe.eval.plot.Markup;
import java.util.ArrayList;
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
        StringBuilder text = new StringBuilder();
        text.append("A: ")
                .append(comparison.a())
                .append("\nB: ")
                .append(comparison.b())
                .append('\n');
        TextTable table = new TextTable();
        rows(comparison, "A", "B").forEach(table::row);
        text.append(table.text());
        comparison
                .remarks()
                .forEach(remark -> text.append("left out: ").append(remark).append('\n'));
        return text.toString();
    }

    /**
     * The same as a table of a page, which has {@link io.github.gptmoe.eval.report.PageFrame}'s style sheet.
     *
     * @param page inside an element that takes tables
     * @param comparison of two runs
     * @param a what the first is called
     * @param b what the second is called
     */
    public static void appendTo(Markup page, Comparison comparison, String a, String b) {
        page.open("table", "class", "scores");
        String element = "th";
        for (List<String> row : rows(comparison, a, b)) {
            page.open("tr");
            for (String cell : row) {
                page.element(element, cell);
            }
            page.close();
            element = "td";
        }
        page.close();
        comparison.remarks().forEach(remark -> page.element("p", "Left out: " + remark, "class", "small"));
    }

    /** The heading, tasks, and their mean where there are several. */
    private static List<List<String>> rows(Comparison comparison, String a, String b) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "",
                "rows",
                a,
                b,
                a + " - " + b,
                "95 % interval",
                "p",
                "both right",
                "only " + a,
                "only " + b,
                "neither",
                "McNemar p"));
        comparison.tasks().forEach(task -> rows.add(cells(task)));
        if (comparison.tasks().size() > 1) {
            rows.add(List.of(
                    "mean",
                    "",
                    TextTable.percent(comparison.meanA()),
                    TextTable.percent(comparison.meanB()),
                    points(comparison.difference()),
                    points(comparison.interval()),
                    p(comparison.p())));
        }
        return rows;
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
