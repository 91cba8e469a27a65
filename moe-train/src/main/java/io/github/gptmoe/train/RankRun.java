package io.github.gptmoe.train;

import ai.djl.engine.Engine;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.data.BatchLoader;
import io.github.gptmoe.data.BatchSchedule;
import io.github.gptmoe.data.CountingBaselines;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.data.TrainingData;
import io.github.gptmoe.router.LoadReport;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.report.MetricsLog;
import io.github.gptmoe.train.report.MetricsSink;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.sharding.RankGroups;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The part of a pretraining run that every rank has: weights on its device, its share of the batches, the loop. Rank 0 also
 * writes: metrics, checkpoints, what the listener hears.
 *
 * @param config complete, with the form of attention
 * @param folder where the run lives
 * @param data what is trained on; ranks share it
 * @param store where checkpoints are
 * @param start where the run goes on from, or whose weights it begins with
 * @param yardsticks what it is compared with
 * @param versions what belongs to a checkpoint's description
 * @param listener hears rank 0
 * @param stop lets another thread stop the run
 */
record RankRun(
        RunConfig config,
        RunFolder folder,
        TrainingData data,
        CheckpointStore store,
        Start start,
        Yardsticks yardsticks,
        Map<String, String> versions,
        TrainListener listener,
        StopRequest stop) {

    /** Name of the tokenizer's fingerprint among the versions. */
    static final String TOKENIZER = "tokenizer";

    static Map<String, String> versions(Tokenizer tokenizer, Start start) {
        Map<String, String> versions = new TreeMap<>(Map.of(
                TOKENIZER,
                tokenizer.fingerprint(),
                "java",
                System.getProperty("java.version"),
                "djl",
                Engine.getDjlVersion()));
        start.origin().ifPresent(origin -> versions.put(Start.INITIAL_WEIGHTS, origin));
        return versions;
    }

    /** Trains to the end or until stopped, on the calling thread; every rank returns the same losses. */
    RunSummary run(RankGroups groups) {
        try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
            TrainingCheckpoints checkpoints = new TrainingCheckpoints(store, setup, data::state);
            Optional<TrainingState> state = start.continued().map(checkpoints::restore);
            start.weights().ifPresent(checkpoints::restoreWeights);
            if (groups.world().rank() > 0) {
                return run(setup, checkpoints, state, MetricsSink.NONE, new SilentListener(), null);
            }
            try (MetricsLog metrics = new MetricsLog(
                    folder.metrics(), state.map(TrainingState::step).orElse(0L))) {
                state.ifPresent(from -> listener.message("continuing after step " + from.step() + " from "
                        + start.continued().orElseThrow().folder()));
                start.weights()
                        .ifPresent(from -> listener.message("beginning with the weights of " + from.folder() + " ("
                                + start.origin().orElseThrow() + "), a fresh optimizer and step 0"));
                return run(setup, checkpoints, state, metrics, listener, metrics.lastKept());
            }
        }
    }

    private RunSummary run(
            TrainingSetup setup,
            TrainingCheckpoints checkpoints,
            Optional<TrainingState> state,
            MetricsSink metrics,
            TrainListener heard,
            @Nullable TrainingLine lastKept) {
        try (BatchLoader loader = BatchLoader.of(config.data(), data::batch, requests(setup, state))) {
            TimedBatches batches = new TimedBatches(loader::batch, System::nanoTime);
            PretrainLoop loop = loop(setup, checkpoints, batches, metrics, heard);
            state.ifPresent(
                    from -> loop.resume(from, start.continued().orElseThrow().folder(), lastKept));
            boolean finished = loop.run(stop);
            return summary(finished, loop);
        }
    }

    private BatchSchedule requests(TrainingSetup setup, Optional<TrainingState> state) {
        return new BatchSchedule(
                state.map(TrainingState::sample).orElse(0L),
                config.train().microBatch(),
                setup.groups().world().rank(),
                setup.groups().world().worldSize());
    }

    private PretrainLoop loop(
            TrainingSetup setup,
            TrainingCheckpoints checkpoints,
            TimedBatches batches,
            MetricsSink metrics,
            TrainListener heard) {
        return new PretrainLoop(
                config,
                new TrainStep(setup, config.train(), schedule(), batches),
                batches,
                new Validation(setup, data.validation(), config.model().sequenceLength(), config.train()),
                checkpoints,
                new RunIdentity(runId(), RunFolder.hash(config), data.fingerprint(), versions),
                metrics,
                heard,
                yardsticks.gemmGflops());
    }

    private String runId() {
        return start.continued()
                .map(checkpoint -> checkpoint.manifest().runId())
                .orElseGet(() -> UUID.randomUUID().toString());
    }

    private LearningRateSchedule schedule() {
        return LearningRateSchedule.of(
                config.train().schedule(),
                config.train().optimizer().learningRate(),
                config.train().totalSteps(config.model().sequenceLength()));
    }

    private RunSummary summary(boolean finished, PretrainLoop loop) {
        Validation.Result last = loop.finalValidation();
        TrainingLine line = loop.lastLine();
        Optional<CountingBaselines> baselines = yardsticks.counted();
        Path checkpoint = loop.lastCheckpoint();
        return new RunSummary(
                finished,
                loop.step(),
                loop.tokens(),
                line == null ? Double.NaN : line.loss(),
                line == null ? Double.NaN : line.lmLoss(),
                last.line().validationLoss(),
                last.line().perplexity(),
                last.line().bitsPerByte(),
                baselines.map(CountingBaselines::unigramLoss).orElse(Double.NaN),
                baselines.map(CountingBaselines::bigramLoss).orElse(Double.NaN),
                ParameterCount.of(config.model()),
                loop.nonFiniteSteps(),
                loop.trainingSeconds(),
                loop.tokensPerSecond(),
                loop.mfu(),
                yardsticks.gemmGflops(),
                config.train().precision(),
                checkpoint == null
                        ? ""
                        : folder.path()
                                .toAbsolutePath()
                                .relativize(checkpoint.toAbsolutePath())
                                .toString(),
                loop.dataWaitShare(),
                loop.secondsToFirstStep(),
                loads(last));
    }

    private static List<RunSummary.LayerLoad> loads(Validation.Result validation) {
        List<RunSummary.LayerLoad> loads = new ArrayList<>();
        validation.loads().forEach((layer, counter) -> {
            LoadReport report = counter.report();
            loads.add(new RunSummary.LayerLoad(
                    layer,
                    report.shares(),
                    report.maxOverMean(),
                    report.normalisedEntropy(),
                    report.insideMarginShare().isPresent()
                            ? report.insideMarginShare().getAsDouble()
                            : null));
        });
        return loads;
    }
}
