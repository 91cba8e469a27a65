package io.github.gptmoe.train;

import ai.djl.TrainingDivergedException;
import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.router.LoadReport;
import io.github.gptmoe.train.checkpoint.CheckpointException;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.config.BatchRamp;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.lossscale.LossScaler;
import io.github.gptmoe.train.report.MetricsSink;
import io.github.gptmoe.train.report.ProcessMemory;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.TrainingLine.ExpertLoad;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The loop: step, log, validate, checkpoint, until the last step or a stop request. Every rank runs it, with the same numbers;
 * what is written and told goes through one of them.
 */
final class PretrainLoop {
    private static final String NON_FINITE_STEPS = "nonFiniteSteps";
    private static final String TRAINING_NANOS = "trainingNanos";
    private static final String DATA_WAIT_NANOS = "dataWaitNanos";

    private final ProcessGroup ranks;
    private final RunConfig config;
    private final TrainStep trainStep;
    private final TimedBatches batches;
    private final Validation validation;
    private final TrainingCheckpoints checkpoints;
    private final RunIdentity identity;
    private final MetricsSink metrics;
    private final TrainListener listener;
    private final double gemmGflops;
    private final long totalSteps;
    private final BatchRamp ramp;
    private final long sequenceLength;
    private final double flopsPerToken;

    private long step;
    private long sample;
    private long tokens;
    private int nonFiniteInARow;
    private long nonFiniteSteps;
    private long savedStep;
    private boolean stopping;
    private long lastLogNanos;
    private long lastLogTokens;
    private long trainingNanos;
    private long earlierDataWaitNanos;
    private long lastLogDataWaitNanos;
    private double secondsToFirstStep = Double.NaN;
    private long trainedTokens;
    private @Nullable Path lastCheckpoint;
    private @Nullable TrainingLine lastLine;
    private Validation.@Nullable Result lastValidation;

    PretrainLoop(
            RunConfig config,
            TrainStep trainStep,
            TimedBatches batches,
            Validation validation,
            TrainingCheckpoints checkpoints,
            RunIdentity identity,
            MetricsSink metrics,
            TrainListener listener,
            double gemmGflops) {
        ranks = trainStep.ranks();
        this.config = config;
        this.trainStep = trainStep;
        this.batches = batches;
        this.validation = validation;
        this.checkpoints = checkpoints;
        this.identity = identity;
        this.metrics = metrics;
        this.listener = listener;
        this.gemmGflops = gemmGflops;
        totalSteps = config.train().totalSteps(config.model().sequenceLength());
        ramp = config.train().ramp();
        sequenceLength = config.model().sequenceLength();
        flopsPerToken = FlopCount.of(config.model()).perToken();
    }

    /** Continues after the step of a checkpoint. */
    void resume(TrainingState state, Path checkpoint, @Nullable TrainingLine line) {
        step = state.step();
        sample = state.sample();
        tokens = state.tokens();
        nonFiniteInARow = state.nonFiniteInARow();
        nonFiniteSteps = Long.parseLong(state.extra().getOrDefault(NON_FINITE_STEPS, "0"));
        trainingNanos = Long.parseLong(state.extra().getOrDefault(TRAINING_NANOS, "0"));
        earlierDataWaitNanos = Long.parseLong(state.extra().getOrDefault(DATA_WAIT_NANOS, "0"));
        trainStep.lossScaler().restore(state.extra());
        trainedTokens = tokens;
        lastLine = line;
        savedStep = step;
        lastCheckpoint = checkpoint;
    }

    /** Trains; returns true when the last step was made, false when the stop was asked for before. */
    boolean run(StopRequest stop) {
        lastLogNanos = System.nanoTime();
        lastLogTokens = tokens;
        while (step < totalSteps && !anyRankIsAskedToStop(stop)) {
            oneStep();
            boolean last = step == totalSteps;
            if (last || due(config.train().validateEvery())) {
                validate();
            }
            // Nothing is saved inside a streak of skipped steps: it would push healthy checkpoints out.
            if (last || (nonFiniteInARow == 0 && due(config.checkpoint().everySteps()))) {
                save();
            }
        }
        if (step < totalSteps && step > savedStep) {
            stopping = true;
            save();
        }
        return step == totalSteps;
    }

    /** Ranks see the request at different moments, but have to stop after the same step. */
    private boolean anyRankIsAskedToStop(StopRequest stop) {
        return ranks.allReduce(new double[] {stop.requested() ? 1 : 0})[0] > 0;
    }

    private boolean due(long every) {
        return every > 0 && step % every == 0;
    }

    private void oneStep() {
        long start = System.nanoTime();
        int batch = ramp.batch(sample);
        StepResult result = trainStep.run(step + 1, sample, batch);
        trainingNanos += System.nanoTime() - start;
        if (Double.isNaN(secondsToFirstStep)) {
            secondsToFirstStep = ProcessAge.seconds();
        }
        step++;
        sample += batch;
        tokens += batch * sequenceLength;
        trainedTokens += batch * sequenceLength;
        if (result.skipped() || due(config.train().logEvery()) || step == totalSteps) {
            log(result);
        }
        countNonFinite(result);
    }

    private void countNonFinite(StepResult result) {
        if (!result.skipped()) {
            nonFiniteInARow = 0;
            return;
        }
        if (result.overflow()) {
            overflowed(result);
            return;
        }
        nonFiniteInARow++;
        nonFiniteSteps++;
        TrainConfig train = config.train();
        listener.message("step " + step + ": loss " + result.loss() + ", gradient norm " + result.gradNorm()
                + " is not finite; " + skipped() + " (" + nonFiniteInARow + " in a row)");
        if (nonFiniteInARow >= train.maxNonFiniteSteps()) {
            throw new TrainingDivergedException(nonFiniteInARow + " steps in a row up to step " + step
                    + " had a loss or gradient that is not finite; begin another run from a healthy checkpoint"
                    + " (--resume RUN/checkpoints/step-N --out OTHER) with a lower train.optimizer.learningRate,"
                    + " more train.schedule.warmupSteps, or precision fp32");
        }
    }

    /** No sign of divergence: the scale is to be as large as it can be, so it meets its limit now and then. */
    private void overflowed(StepResult result) {
        LossScaler scaler = trainStep.lossScaler();
        if (scaler.isExhausted()) {
            throw new TrainingDivergedException("step " + step + ": the gradient overflows FP16 at a loss scale of "
                    + result.lossScale() + ", train.lossScale.minimum; begin another run from a healthy checkpoint"
                    + " (--resume RUN/checkpoints/step-N --out OTHER) with a lower train.optimizer.learningRate, more"
                    + " train.schedule.warmupSteps, or train.precision bf16");
        }
        listener.message("step " + step + ": the gradient overflowed at a loss scale of " + result.lossScale() + "; "
                + skipped() + ", the next has " + scaler.scale());
    }

    private String skipped() {
        return config.train().optimizerInBackward()
                ? "the step was skipped, save for stages that backward had been through before"
                : "the step was skipped";
    }

    private void log(StepResult result) {
        long now = System.nanoTime();
        double seconds = (now - lastLogNanos) / 1e9;
        double tokensPerSecond = (tokens - lastLogTokens) / seconds;
        lastLogNanos = now;
        lastLogTokens = tokens;
        double dataWaitSeconds = (batches.waitedNanos() - lastLogDataWaitNanos) / 1e9;
        lastLogDataWaitNanos = batches.waitedNanos();
        double gflops = tokensPerSecond * flopsPerToken / 1e9;
        TrainingLine line = new TrainingLine(
                step,
                tokens,
                result.loss(),
                result.lmLoss(),
                result.balanceLoss(),
                result.marginLoss(),
                result.learningRate(),
                result.gradNorm(),
                tokensPerSecond,
                gflops,
                gflops / gemmGflops,
                ProcessMemory.residentBytes(),
                load(result),
                result.skipped(),
                dataWaitSeconds,
                result.lossScale());
        metrics.write(line);
        lastLine = line;
        listener.step(line, totalSteps, secondsLeft());
    }

    private static ExpertLoad load(StepResult result) {
        double worst = 0;
        double dropped = 0;
        for (LoadReport.Counter counter : result.loads()) {
            LoadReport report = counter.report();
            worst = Math.max(worst, report.maxOverMean());
            dropped += report.droppedShare() / result.loads().size();
        }
        return new ExpertLoad(worst, dropped);
    }

    private double secondsLeft() {
        if (trainedTokens == 0) {
            return Double.NaN;
        }
        double samplesLeft = ramp.sampleAfter(sample, totalSteps - step) - sample;
        return samplesLeft * sequenceLength * trainingNanos / 1e9 / trainedTokens;
    }

    private void validate() {
        Validation.Result result = validation.run(step);
        metrics.write(result.line());
        listener.validation(result.line());
        lastValidation = result;
        resetRate();
    }

    private Map<String, String> extra() {
        Map<String, String> extra = new TreeMap<>(trainStep.lossScaler().state());
        extra.put(NON_FINITE_STEPS, Long.toString(nonFiniteSteps));
        extra.put(TRAINING_NANOS, Long.toString(trainingNanos));
        extra.put(DATA_WAIT_NANOS, Long.toString(dataWaitNanos()));
        return extra;
    }

    private void save() {
        metrics.force(); // a checkpoint promises that the lines up to its step are there
        try {
            TrainingCheckpoints.Saved saved = checkpoints.save(
                    identity,
                    new TrainingState(step, tokens, sample, config.train().seed(), nonFiniteInARow, extra()));
            if (saved.done()) {
                savedStep = step;
            }
            saved.folder().ifPresent(this::tellOfCheckpoint);
        } catch (CheckpointException failed) {
            boolean lastChance = step == totalSteps || stopping;
            if (lastChance || !failed.trainingMayContinue()) {
                throw failed;
            }
            listener.message("checkpoint of step " + step + " failed, training goes on: " + failed.getMessage());
        }
        resetRate();
    }

    private void tellOfCheckpoint(Path folder) {
        lastCheckpoint = folder;
        listener.checkpoint(folder);
    }

    /** Time spent on validating and saving is no training time. */
    private void resetRate() {
        lastLogNanos = System.nanoTime();
        lastLogTokens = tokens;
    }

    /** Makes the evaluation of the last step, unless this process has made it. */
    Validation.Result finalValidation() {
        Validation.Result made = lastValidation;
        return made != null && made.line().step() == step ? made : validation.run(step);
    }

    @Nullable
    TrainingLine lastLine() {
        return lastLine;
    }

    @Nullable
    Path lastCheckpoint() {
        return lastCheckpoint;
    }

    long step() {
        return step;
    }

    long tokens() {
        return tokens;
    }

    long nonFiniteSteps() {
        return nonFiniteSteps;
    }

    double trainingSeconds() {
        return trainingNanos / 1e9;
    }

    double tokensPerSecond() {
        return trainedTokens == 0 ? 0 : trainedTokens / trainingSeconds();
    }

    private long dataWaitNanos() {
        return earlierDataWaitNanos + batches.waitedNanos();
    }

    double dataWaitShare() {
        return trainingNanos == 0 ? Double.NaN : (double) dataWaitNanos() / trainingNanos;
    }

    double secondsToFirstStep() {
        return secondsToFirstStep;
    }

    double mfu() {
        return tokensPerSecond() * flopsPerToken / 1e9 / gemmGflops;
    }
}
