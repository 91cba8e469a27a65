package io.github.gptmoe.eval.report;

import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.eval.plot.Markup;
import io.github.gptmoe.eval.plot.NumberText;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The numbers of runs, a row each, a column a run. */
final class ValueTable {
    private static final String UNKNOWN = "–";

    private final List<RunValues> runs;

    ValueTable(List<RunValues> runs) {
        this.runs = runs;
    }

    void write(Markup page) {
        page.open("table", "class", "values");
        if (runs.size() > 1) {
            row(page, "", RunValues::name);
        }
        row(page, "state", run -> run.finished() ? "finished" : "not finished");
        row(page, "steps", ValueTable::steps);
        row(page, "tokens", run -> NumberText.grouped(run.tokens()));
        row(page, "parameters", run -> parameters(run, ParameterCount::total));
        row(page, "active a token", run -> parameters(run, ParameterCount::active));
        row(page, "dense part", run -> parameters(run, ParameterCount::dense));
        row(page, "training time", run -> duration(run.trainingSeconds()));
        row(page, "tokens a second", run -> NumberText.brief(run.tokensPerSecond()));
        row(page, "MFU", run -> fixed(run.mfu(), 3));
        row(page, "waiting for data", run -> percent(run.dataWaitShare()));
        row(page, "first step after", run -> seconds(run.secondsToFirstStep()));
        row(page, "training loss (last)", run -> fixed(run.lmLoss(), 4));
        row(page, "validation loss", run -> fixed(run.validationLoss(), 4));
        row(page, "perplexity", run -> NumberText.brief(run.perplexity()));
        row(page, "bits a byte", run -> fixed(run.bitsPerByte(), 4));
        row(page, "unigram model", run -> fixed(run.unigramLoss(), 4));
        row(page, "bigram model", run -> fixed(run.bigramLoss(), 4));
        page.close();
    }

    private void row(Markup page, String name, Function<RunValues, String> value) {
        page.open("tr").element("th", name);
        runs.forEach(run -> page.element("td", value.apply(run)));
        page.close();
    }

    private static String steps(RunValues run) {
        Long total = run.totalSteps();
        String whole = total == null || total == run.step() ? "" : " of " + NumberText.grouped(total);
        return NumberText.grouped(run.step()) + whole;
    }

    private static String parameters(RunValues run, ToLongFunction<ParameterCount> which) {
        ParameterCount parameters = run.parameters();
        return parameters == null ? UNKNOWN : NumberText.grouped(which.applyAsLong(parameters));
    }

    private static String fixed(double value, int digits) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : UNKNOWN;
    }

    /** A share of the training time. */
    private static String percent(double share) {
        return Double.isFinite(share) ? fixed(100 * share, 3) + " %" : UNKNOWN;
    }

    private static String seconds(double seconds) {
        return Double.isFinite(seconds) ? fixed(seconds, 1) + " s" : UNKNOWN;
    }

    /** Hours, minutes and seconds. */
    static String duration(double seconds) {
        if (!Double.isFinite(seconds)) {
            return UNKNOWN;
        }
        long whole = Math.round(seconds);
        return String.format(Locale.ROOT, "%d:%02d:%02d h", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
