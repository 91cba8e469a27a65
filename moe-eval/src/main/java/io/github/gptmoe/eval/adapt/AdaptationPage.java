package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.eval.plot.Markup;
import io.github.gptmoe.eval.report.PageFrame;
import io.github.gptmoe.eval.task.ComparisonText;
import io.github.gptmoe.eval.task.LabelResult;
import io.github.gptmoe.eval.task.TaskResult;
import io.github.gptmoe.train.config.AdaptConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Lays out an adaptation as one page: text and pseudo labels, losses, the comparison, then all that a summary of tasks has. */
final class AdaptationPage {
    private static final int MOST_OPEN_LABELS = 20;

    private final Markup page = new Markup();
    private final AdaptationReport report;

    AdaptationPage(AdaptationReport report) {
        this.report = report;
    }

    String html() {
        PageFrame.open(
                page,
                "Adaptation to "
                        + report.after().results().stream()
                                .map(TaskResult::task)
                                .collect(Collectors.joining(", ")));
        page.element("p", "Before: " + report.before().checkpoint() + ".");
        page.element(
                "p",
                "After: " + report.after().checkpoint() + ". Both were asked in "
                        + report.after().precision() + ", in the patterns "
                        + report.adapt().patterns() + " and by their rule.");
        page.element("h2", "After against before");
        ComparisonText.appendTo(page, report.comparison(), "after", "before");
        text();
        pseudoLabels();
        losses();
        page.element("h2", "Accuracy");
        report.summary().appendTo(page);
        return page.close().close().finish();
    }

    private void text() {
        AdaptConfig adapt = report.adapt();
        page.element("h2", "Text");
        page.element(
                "p",
                String.format(
                        Locale.ROOT,
                        "Loss = %s context + %s prompt + %s pseudo label + %s MoE losses. Pseudo labels: %s, from a"
                                + " confidence of %s, at most %s times an equal share of a label (0: any number), %s"
                                + " prior correction. Texts of test splits: %s.",
                        adapt.contextWeight(),
                        adapt.promptWeight(),
                        adapt.labelWeight(),
                        adapt.moeWeight(),
                        adapt.labels(),
                        adapt.confidence(),
                        adapt.balance(),
                        adapt.priorCorrection() ? "with" : "without",
                        adapt.testTexts() ? "used, without their labels" : "left out"));
        table(List.of(
                "round",
                "task",
                "splits",
                "texts",
                "left out",
                "labeller",
                "labelled",
                "true labels",
                "tokens",
                "steps"));
        for (AdaptedRound round : report.rounds()) {
            for (AdaptedTask task : round.tasks()) {
                row(
                        "td",
                        List.of(
                                String.valueOf(round.round()),
                                task.task(),
                                String.join(", ", task.splits()),
                                count(task.rows()),
                                count(task.leftOut()),
                                task.labeller(),
                                count(task.labelled()),
                                count(task.given()),
                                count(round.tokens()),
                                count(round.steps())));
            }
        }
        page.close();
        page.element(
                "p",
                "Left out: rows that share a text with a test split. Tokens and steps are those of the whole round.",
                "class",
                "small");
    }

    private void pseudoLabels() {
        page.element("h2", "Pseudo labels");
        page.element(
                "p",
                "Nobody has labelled these texts, so how many pseudo labels are right is not known; these are their"
                        + " numbers. Soft labels count by their share.");
        for (AdaptedRound round : report.rounds()) {
            for (AdaptedTask task : round.tasks()) {
                page.element("h3", "Round " + round.round() + ", " + task.task());
                labels(task);
            }
        }
    }

    /** All labels, those that no text was given too. */
    private void labels(AdaptedTask task) {
        Map<String, LabelResult> labels = report.after().results().stream()
                .filter(result -> result.task().equals(task.task()))
                .findFirst()
                .orElseThrow()
                .perLabel();
        boolean many = labels.size() > MOST_OPEN_LABELS;
        if (many) {
            page.open("details").element("summary", labels.size() + " labels");
        }
        double all = task.perLabel().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        table(List.of("label", "name", "rows", "share"));
        labels.forEach((value, label) ->
                row("td", cells(value, label.name(), task.perLabel().getOrDefault(value, 0.0), all)));
        page.close();
        if (many) {
            page.close();
        }
    }

    private static List<String> cells(String label, String name, double rows, double all) {
        return List.of(
                label,
                name,
                String.format(Locale.ROOT, rows == Math.rint(rows) ? "%,.0f" : "%,.1f", rows),
                all == 0 ? "–" : String.format(Locale.ROOT, "%.1f %%", 100 * rows / all));
    }

    private void losses() {
        String title = TermTable.title(report);
        page.element("h2", title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1));
        List<List<String>> rows = TermTable.rows(report);
        table(rows.get(0));
        rows.subList(1, rows.size()).forEach(row -> row("td", row));
        page.close();
    }

    /** Opens a table. */
    private void table(List<String> heading) {
        page.open("table", "class", "scores");
        row("th", heading);
    }

    private void row(String element, List<String> cells) {
        page.open("tr");
        cells.forEach(cell -> page.element(element, cell));
        page.close();
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
