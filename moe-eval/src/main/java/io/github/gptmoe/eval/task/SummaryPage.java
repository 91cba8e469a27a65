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
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lays out a summary as one page: the table, bars, and a section for each task. */
final class SummaryPage {
    private static final int MOST_OPEN_LABELS = 20;

    private final Summary summary;
    private final ScoreTable table;

    SummaryPage(Summary summary) {
        this.summary = summary;
        this.table = summary.table();
    }

    String html() {
        Markup page = new Markup();
        PageFrame.open(
                page,
                "Tasks of " + summary.models().stream().map(ModelResults::name).collect(Collectors.joining(", ")));
        body(page);
        return page.close().close().finish();
    }

    /** All below the heading. */
    void body(Markup page) {
        if (!table.lines().isEmpty()) {
            scores(page);
            page.open("div", "class", "plots wide")
                    .raw(BarRows.element("Accuracy of each task", bars()))
                    .close();
        }
        summary.notes().forEach(note -> page.element("p", note, "class", "small"));
        IntStream.range(0, summary.results().size()).forEach(task -> task(page, task));
        page.open("details").element("summary", "Sources of the published rows").open("ul");
        summary.sources().forEach(source -> page.element("li", source));
        page.close().close();
    }

    private void scores(Markup page) {
        page.open("table", "class", "scores").open("tr").element("th", "").element("th", "mean");
        table.tasks().forEach(task -> page.element("th", task));
        page.close();
        for (Line line : table.lines()) {
            page.open("tr").element(line.kind() == Kind.MODEL ? "th" : "td", line.name());
            cell(page, line.mean());
            line.cells().forEach(cell -> cell(page, cell));
            page.close();
        }
        page.close();
    }

    private static void cell(Markup page, Cell cell) {
        page.open("td").text(TextTable.percent(cell.value()));
        if (Double.isFinite(cell.interval().low())) {
            page.empty("br").element("span", TextTable.percent(cell.interval()), "class", "small");
        }
        page.close();
    }

    private List<BarRow> bars() {
        return IntStream.range(0, summary.measured().size())
                .boxed()
                .flatMap(task -> summary.models().stream().map(model -> bar(model, task)))
                .toList();
    }

    private BarRow bar(ModelResults model, int task) {
        TaskResult result = model.measured().get(task);
        return new BarRow(
                result.task() + (several() ? ", " + model.name() : ""),
                result.accuracy(),
                result.interval().low(),
                result.interval().high(),
                levels(Kind.BASELINE, task),
                levels(Kind.PUBLISHED, task));
    }

    private boolean several() {
        return summary.models().size() > 1;
    }

    private List<Level> levels(Kind kind, int task) {
        return table.lines().stream()
                .filter(line -> line.kind() == kind)
                .map(line -> new Level(line.name(), line.cells().get(task).value()))
                .toList();
    }

    private void task(Markup page, int task) {
        TaskResult first = summary.results().get(task);
        page.element("h2", first.task() + ", " + first.split());
        for (ModelResults model : summary.models()) {
            if (several()) {
                page.element("h3", model.name());
            }
            task(page, model.results().get(task));
        }
    }

    private static void task(Markup page, TaskResult result) {
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
        labels(page, result);
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

    private static void labels(Markup page, TaskResult result) {
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
