package io.github.gptmoe.eval.task;

import io.github.gptmoe.eval.task.PublishedScores.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Accuracies of several tasks beside baselines and what others have published, all from 0 to 1.
 *
 * @param tasks names, one for each column after the mean
 * @param lines the models first, then baselines, then the published rows
 */
public record ScoreTable(List<String> tasks, List<Line> lines) {

    /** What a line is about. */
    public enum Kind {
        /** A model that was scored. */
        MODEL,
        /** Something that needs no model. */
        BASELINE,
        /** Somebody else's model. */
        PUBLISHED
    }

    /**
     * A value.
     *
     * @param value accuracy, NaN if there is none
     * @param interval of it; NaN where it is unknown
     */
    public record Cell(double value, Interval interval) {
        static Cell of(double value) {
            return new Cell(value, Interval.NONE);
        }
    }

    /**
     * A line.
     *
     * @param name who
     * @param kind what
     * @param mean plain mean over the tasks; NaN if one is missing
     * @param cells one for each task
     */
    public record Line(String name, Kind kind, Cell mean, List<Cell> cells) {}

    /**
     * Puts results beside each other.
     *
     * @param models on the same rows; the baselines are of those, so they are taken from the first
     * @param published what to compare with
     * @return the table
     */
    static ScoreTable of(List<ModelResults> models, PublishedScores published) {
        List<TaskResult> results = models.get(0).measured();
        List<String> tasks = results.stream().map(TaskResult::task).toList();
        List<Line> lines = new ArrayList<>();
        models.forEach(model -> lines.add(own(model.name(), model.measured())));
        lines.add(baseline("lexical", results, result -> result.baselines().lexical()));
        lines.add(baseline(
                "lexical, label words alone",
                results,
                result -> result.baselines().labelWords()));
        lines.add(baseline(
                "commonest label", results, result -> result.baselines().majority()));
        lines.add(baseline("random", results, result -> result.baselines().random()));
        published.rows().forEach(row -> lines.add(published(row, tasks, published)));
        return new ScoreTable(tasks, List.copyOf(lines));
    }

    private static Line own(String name, List<TaskResult> results) {
        double[] means =
                Bootstrap.average(results.stream().map(TaskResult::resampled).toList());
        List<Cell> cells = results.stream()
                .map(result -> new Cell(result.accuracy(), result.interval()))
                .toList();
        return new Line(name, Kind.MODEL, new Cell(mean(cells), Bootstrap.interval(means)), cells);
    }

    private static Line baseline(String name, List<TaskResult> results, ToDoubleFunction<TaskResult> value) {
        List<Cell> cells = results.stream()
                .map(result -> Cell.of(value.applyAsDouble(result)))
                .toList();
        return new Line(name, Kind.BASELINE, Cell.of(mean(cells)), cells);
    }

    /** The source's own mean where all of its tasks are here: it was rounded later than its figures. */
    private static Line published(Row row, List<String> tasks, PublishedScores published) {
        List<Cell> cells = tasks.stream()
                .map(task -> Cell.of(published.accuracy(row, task)))
                .toList();
        boolean all = tasks.size() == published.tasks().size() && tasks.containsAll(published.tasks());
        return new Line(row.model(), Kind.PUBLISHED, Cell.of(all ? row.score() / 100 : mean(cells)), cells);
    }

    private static double mean(List<Cell> cells) {
        return cells.stream().collect(Collectors.averagingDouble(Cell::value));
    }
}
