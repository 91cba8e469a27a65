package io.github.gptmoe.eval.report;

import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a run has got to: from its summary if it is finished, else from its lines. What is unknown is NaN or null.
 *
 * @param name what the report calls the run
 * @param folder where it lies
 * @param finished whether the last step was made
 * @param step last step with a line
 * @param totalSteps steps of the whole run, null without settings
 * @param tokens tokens trained on
 * @param parameters parameter counts, null without settings
 * @param trainingSeconds seconds spent on steps; of an unfinished run: tokens over speed, summed over its lines
 * @param tokensPerSecond tokens over those seconds
 * @param mfu share of the matrix-product ceiling; of an unfinished run the mean over its lines by time
 * @param dataWaitShare share of those seconds in which the steps waited for batches
 * @param secondsToFirstStep from the start of the process to the end of its first step; of finished runs
 * @param lmLoss training loss of the last line, nats a token
 * @param validationLoss last validation loss, nats a token
 * @param perplexity exp of it
 * @param bitsPerByte bits a byte of validation text
 * @param unigramLoss what a unigram model reaches there; of finished runs
 * @param bigramLoss what a bigram model reaches there; of finished runs
 */
public record RunValues(
        String name,
        String folder,
        boolean finished,
        long step,
        @Nullable Long totalSteps,
        long tokens,
        @Nullable ParameterCount parameters,
        double trainingSeconds,
        double tokensPerSecond,
        double mfu,
        double dataWaitShare,
        double secondsToFirstStep,
        double lmLoss,
        double validationLoss,
        double perplexity,
        double bitsPerByte,
        double unigramLoss,
        double bigramLoss) {

    static RunValues of(ReportRun run) {
        RunSummary summary = run.summary();
        RunConfig config = run.config();
        return summary != null && summary.parameters() != null ? finished(run, summary) : unfinished(run, config);
    }

    private static @Nullable Long totalSteps(@Nullable RunConfig config) {
        return config == null ? null : config.train().totalSteps(config.model().sequenceLength());
    }

    private static RunValues finished(ReportRun run, RunSummary summary) {
        return new RunValues(
                run.name(),
                run.folder().toString(),
                summary.finished(),
                summary.step(),
                totalSteps(run.config()),
                summary.tokens(),
                summary.parameters(),
                summary.wallSeconds(),
                summary.tokensPerSecond(),
                summary.mfu(),
                summary.dataWaitShare(),
                summary.secondsToFirstStep(),
                summary.lmLoss(),
                summary.validationLoss(),
                summary.perplexity(),
                summary.bitsPerByte(),
                summary.unigramLoss(),
                summary.bigramLoss());
    }

    private static RunValues unfinished(ReportRun run, @Nullable RunConfig config) {
        double seconds = 0;
        double workedSeconds = 0;
        double waitedSeconds = 0;
        long before = 0;
        for (TrainingLine line : run.metrics().steps()) {
            double spent = (line.tokens() - before) / line.tokensPerSecond();
            before = line.tokens();
            if (Double.isFinite(spent) && Double.isFinite(line.mfu())) {
                seconds += spent;
                workedSeconds += spent * line.mfu();
                waitedSeconds += line.dataWaitSeconds();
            }
        }
        TrainingLine last = run.lastLine();
        List<ValidationLine> validations = run.metrics().validations();
        ValidationLine validation = validations.isEmpty()
                ? new ValidationLine(0, Double.NaN, Double.NaN, Double.NaN)
                : validations.get(validations.size() - 1);
        return new RunValues(
                run.name(),
                run.folder().toString(),
                false,
                last.step(),
                totalSteps(config),
                last.tokens(),
                config == null ? null : ParameterCount.of(config.model()),
                seconds,
                last.tokens() / seconds,
                workedSeconds / seconds,
                waitedSeconds / seconds,
                Double.NaN,
                last.lmLoss(),
                validation.validationLoss(),
                validation.perplexity(),
                validation.bitsPerByte(),
                Double.NaN,
                Double.NaN);
    }
}
