package io.github.gptmoe.eval.task;

import io.github.gptmoe.eval.plot.BarRow;
import io.github.gptmoe.eval.plot.BarRows;
import io.github.gptmoe.eval.plot.HeatMap;
import io.github.gptmoe.eval.plot.Level;
import io.github.gptmoe.eval.plot.Markup;
import io.github.gptmoe.eval.report.PageFrame;
import io.github.gptmoe.eval.task.ScoreTable.Cell;
import io.github.gptmoe.eval.task.ScoreTable.Kind;
import io.github.gptmoe.eval.task.ScoreTable.Line;
import java.util.List;
import java.util.stream.IntStream;

/** Lays out a summary as one page: the table, bars, and a section for each task. */
final class SummaryPage {
    private static final int MOST_OPEN_LABELS = 20;

    private final Markup page = new Markup();
    private final Summary summary;
    private final ScoreTable table;

    SummaryPage(Summary summary) {
        this.summary = summary;
        this.table = summary.table();
    }

    String html() {
        PageFrame.open(page, "Tasks of " + summary.model());
        if (!table.lines().isEmpty()) {
            scores();
            page.open("div", "class", "plots wide")
                    .raw(BarRows.element("Accuracy of each task", bars()))
                    .close();
        }
        summary.notes().forEach(note -> page.element("p", note, "class", "small"));
        summary.results().forEach(this::task);
        page.open("details").element("summary", "Sources of the published rows").open("ul");
        summary.sources().forEach(source -> page.element("li", source));
        return page.close().close().close().close().finish();
    }

    private void scores() {
        page.open("table", "class", "scores").open("tr").element("th", "").element("th", "mean");
        table.tasks().forEach(task -> page.element("th", task));
        page.close();
        for (Line line : table.lines()) {
            page.open("tr").element(line.kind() == Kind.MODEL ? "th" : "td", line.name());
            cell(line.mean());
            line.cells().forEach(this::cell);
            page.close();
        }
        page.close();
    }

    private void cell(Cell cell) {
        page.open("td").text(TextTable.percent(cell.value()));
        if (Double.isFinite(cell.interval().low())) {
            page.empty("br").element("span", TextTable.percent(cell.interval()), "class", "small");
        }
        page.close();
    }

    private List<BarRow> bars() {
        List<TaskResult> measured = summary.measured();
        return IntStream.range(0, measured.size())
                .mapToObj(task -> new BarRow(
                        measured.get(task).task(),
                        measured.get(task).accuracy(),
                        measured.get(task).interval().low(),
                        measured.get(task).interval().high(),
                        levels(Kind.BASELINE, task),
                        levels(Kind.PUBLISHED, task)))
                .toList();
    }

    private List<Level> levels(Kind kind, int task) {
        return table.lines().stream()
                .filter(line -> line.kind() == kind)
                .map(line -> new Level(line.name(), line.cells().get(task).value()))
                .toList();
    }

    private void task(TaskResult result) {
        page.element("h2", result.task() + ", " + result.split());
        page.element("p", TaskText.facts(result) + ".");
        if (!result.measured()) {
            page.element("p", "No labels are known, so there is no accuracy.");
            return;
        }
        page.element("p", TaskText.accuracy(result) + ".");
        boolean many = result.perLabel().size() > MOST_OPEN_LABELS;
        if (many) {
            page.open("details").element("summary", result.perLabel().size() + " labels");
        }
        labels(result);
        if (many) {
            page.close();
        }
        List<String> names = result.perLabel().entrySet().stream()
                .map(label -> shown(label.getKey(), label.getValue().name()))
                .toList();
        page.open("div", "class", "matrix");
        page.raw(HeatMap.element(
                "Confusion, " + result.task(), names, result.confusion().counts()));
        page.close();
    }

    private static String shown(String value, String name) {
        return value.equals(name) ? name : value + " " + name;
    }

    private void labels(TaskResult result) {
        page.open("table", "class", "scores").open("tr");
        TaskText.heading().forEach(heading -> page.element("th", heading));
        page.close();
        result.perLabel().forEach((value, label) -> {
            page.open("tr");
            TaskText.cells(value, label).forEach(cell -> page.element("td", cell));
            page.close();
        });
        page.close();
    }
}
