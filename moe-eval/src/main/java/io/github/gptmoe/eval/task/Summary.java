package io.github.gptmoe.eval.task;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.plot.Markup;
import io.github.gptmoe.eval.task.ScoreTable.Cell;
import io.github.gptmoe.eval.task.ScoreTable.Kind;
import io.github.gptmoe.eval.task.ScoreTable.Line;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Several tasks of one or more models beside baselines and published rows: text, Markdown, or a page that needs nothing else. */
public final class Summary {
    private final List<ModelResults> models;
    private final PublishedScores published;

    /**
     * Collects results of one model.
     *
     * @param model name of what was scored
     * @param results one of each task, in the order of columns; some may lack labels
     * @param published what to compare with
     * @throws IllegalArgumentException if there is no result, or a task twice
     */
    public Summary(String model, List<TaskResult> results, PublishedScores published) {
        this(List.of(new ModelResults(model, results)), published);
    }

    /**
     * Collects results of several models on the same rows.
     *
     * @param models at least one, in the order of lines; each with the same tasks and splits
     * @param published what to compare with
     * @throws IllegalArgumentException if models have different tasks or rows
     */
    public Summary(List<ModelResults> models, PublishedScores published) {
        this.models = List.copyOf(models);
        this.published = published;
        if (models.stream().map(ModelResults::rows).distinct().count() != 1) {
            throw new IllegalArgumentException("a summary needs models with results on the same rows, not on "
                    + models.stream().map(ModelResults::rows).toList());
        }
    }

    List<ModelResults> models() {
        return models;
    }

    /** The tasks of the first model; those of others are on the same rows. */
    List<TaskResult> results() {
        return models.get(0).results();
    }

    /** The tasks with known labels, of the first model. */
    List<TaskResult> measured() {
        return models.get(0).measured();
    }

    /**
     * The accuracies.
     *
     * @return the table; without a line if no task has known labels
     */
    public ScoreTable table() {
        List<TaskResult> measured = measured();
        return measured.isEmpty() ? new ScoreTable(List.of(), List.of()) : ScoreTable.of(models, published);
    }

    /**
     * What a reader must know to compare the lines.
     *
     * @return sentences
     */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        List<TaskResult> measured = measured();
        results().stream()
                .filter(result -> !result.measured())
                .forEach(result -> notes.add(result.task() + ", " + result.split()
                        + ": predicted, but no labels are known, so it is not in the table."));
        if (!measured.isEmpty()) {
            List<String> splits =
                    measured.stream().map(TaskResult::split).distinct().toList();
            int rows = measured.stream().mapToInt(TaskResult::labelled).sum();
            notes.add("Accuracy in percent on " + String.join(", ", splits) + " (" + rows
                    + " rows in all), 95 % intervals from a bootstrap over rows; mean: plain mean over "
                    + (measured.size() == 1 ? "the one task." : "the " + measured.size() + " tasks."));
            notes.add("Published: " + published.note() + ".");
        }
        return List.copyOf(notes);
    }

    /**
     * For a terminal: the table and the notes.
     *
     * @return lines, each ended
     */
    public String text() {
        String table = table().lines().isEmpty() ? "" : cells("").text();
        return table + String.join("", notes().stream().map(note -> note + "\n").toList());
    }

    /**
     * For documents: the table, notes and sources.
     *
     * @return lines, each ended
     */
    public String markdown() {
        String table = table().lines().isEmpty() ? "" : cells("**").markdown() + "\n";
        return table
                + String.join(
                        "",
                        Stream.concat(notes().stream(), sources())
                                .map(note -> note + "\n")
                                .toList());
    }

    /** Where the published rows are from. */
    Stream<String> sources() {
        return measured().isEmpty()
                ? Stream.empty()
                : published.rows().stream()
                        .map(row -> row.model() + ": " + row.source() + ".")
                        .distinct();
    }

    private TextTable cells(String strong) {
        ScoreTable scores = table();
        TextTable table = new TextTable();
        table.row(Stream.concat(Stream.of("", "mean"), scores.tasks().stream()).toList());
        for (Line line : scores.lines()) {
            boolean own = line.kind() == Kind.MODEL;
            String mark = own ? strong : "";
            table.row(Stream.concat(
                            Stream.of(
                                    mark + line.name() + mark,
                                    TextTable.percent(line.mean().value())),
                            line.cells().stream().map(cell -> TextTable.percent(cell.value())))
                    .toList());
            if (own) {
                table.row(Stream.concat(
                                Stream.of("95 % interval", ends(line.mean())),
                                line.cells().stream().map(Summary::ends))
                        .toList());
            }
        }
        return table;
    }

    private static String ends(Cell cell) {
        return TextTable.percent(cell.interval().low()) + "–"
                + TextTable.percent(cell.interval().high());
    }

    /**
     * The page.
     *
     * @return HTML that needs no other file
     */
    public String html() {
        return new SummaryPage(this).html();
    }

    /**
     * Appends what the page has below its heading to another page, which has {@link
     * io.github.gptmoe.eval.report.PageFrame}'s style sheet.
     *
     * @param page inside an element that takes tables
     */
    public void appendTo(Markup page) {
        new SummaryPage(this).body(page);
    }

    /**
     * Writes the page, replacing an older one at once.
     *
     * @param file where to
     * @throws InputException if that is not possible
     */
    public void write(Path file) {
        TaskOutput.replace(file, html());
    }

    /**
     * Writes the table for documents, replacing an older one at once.
     *
     * @param file where to
     * @throws InputException if that is not possible
     */
    public void writeMarkdown(Path file) {
        TaskOutput.replace(file, markdown());
    }
}
