package io.github.gptmoe.eval.adapt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.task.Comparison;
import io.github.gptmoe.eval.task.ComparisonText;
import io.github.gptmoe.eval.task.ModelResults;
import io.github.gptmoe.eval.task.PublishedScores;
import io.github.gptmoe.eval.task.Summary;
import io.github.gptmoe.eval.task.TaskOutput;
import io.github.gptmoe.train.config.AdaptConfig;
import io.github.gptmoe.train.report.ReportJson;
import java.nio.file.Path;
import java.util.List;

/**
 * An adaptation from its text to what it was good for.
 *
 * @param adapt how it was adapted
 * @param rounds what each round was made of
 * @param before the checkpoint it started from
 * @param after the adapted run
 * @param comparison of after (A) with before (B), row by row
 */
public record AdaptationReport(
        AdaptConfig adapt,
        List<AdaptedRound> rounds,
        ModelEvaluation before,
        ModelEvaluation after,
        Comparison comparison) {
    /** Name of the page in the run's folder. */
    public static final String PAGE = "adaptation.html";

    /** Name of the same for programs, beside {@code adaptation.json}. */
    public static final String RESULTS = "adaptation-results.json";

    /**
     * Copies the list.
     *
     * @param adapt as above
     * @param rounds as above, at least one
     * @param before as above
     * @param after as above
     * @param comparison as above
     */
    public AdaptationReport {
        rounds = List.copyOf(rounds);
    }

    /** Accuracies of both, beside baselines and published rows. */
    Summary summary() {
        return new Summary(
                List.of(new ModelResults("before", before.results()), new ModelResults("after", after.results())),
                PublishedScores.shipped());
    }

    /** Whether the losses are on text that was not trained on. */
    boolean heldOut() {
        return rounds.get(rounds.size() - 1).heldOut();
    }

    /**
     * For a terminal: losses, accuracies, and the paired comparison.
     *
     * @return lines, each ended
     */
    public String text() {
        return TermTable.text(this) + '\n' + summary().text() + '\n' + ComparisonText.of(comparison);
    }

    /**
     * For people: one page that needs no other file.
     *
     * @return HTML
     */
    public String html() {
        return new AdaptationPage(this).html();
    }

    /**
     * Writes page and document, replacing older ones at once.
     *
     * @param folder of the run
     * @throws InputException if that is not possible
     */
    public void write(Path folder) {
        TaskOutput.replace(folder.resolve(PAGE), html());
        TaskOutput.replace(folder.resolve(RESULTS), json());
    }

    private String json() {
        try {
            return ReportJson.mapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(this);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible); // records of numbers and texts
        }
    }
}
