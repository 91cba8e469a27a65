package io.github.gptmoe.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.profile.StepProfile;
import io.github.gptmoe.train.profile.StepProfiler;
import io.github.gptmoe.train.report.GemmCeiling;
import io.github.gptmoe.train.report.Median;
import io.github.gptmoe.train.report.MemoryCeiling;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Times training steps on random tokens: forward, backward, clipping and update, as in a run. The median over the timed
 * steps counts; the first steps, in which the allocator warms up, do not. The ceiling is measured in the same process.
 */
public final class StepBenchmark {
    private static final int CEILING_REPETITIONS = 8;

    private StepBenchmark() {}

    /**
     * The result, with the fields and definitions that the comparison scripts of other frameworks use.
     *
     * @param params total parameters
     * @param tokensPerStep tokens of a step
     * @param secondsPerStep median
     * @param tokensPerSecond from the median
     * @param gflops model arithmetic achieved, 1e9 operations a second
     * @param gemmPeakGflops matrix-product ceiling in this precision
     * @param mfu their ratio
     * @param loss of the last step
     * @param precision fp32, bf16 or fp16
     * @param attention form of attention
     * @param stateBytes weights, gradients and moments, by count
     * @param peakResidentBytes largest resident set of the process up to the last step; null where the system does not
     *     tell, as the following
     * @param activationBytesPerToken that less what was resident before the model and less {@code stateBytes}, for each
     *     token of a micro-batch: kept activations, temporaries and what the allocator holds back, so an upper bound; null
     *     also on a GPU and for models too small to stand out
     * @param minorFaultsPerStep memory pages that the system had to hand out in a timed step, mean
     * @param majorFaultsPerStep pages that it had to read from a disk
     * @param profile where the steps went, when it was asked for
     */
    public record Result(
            @JsonProperty("params") long params,
            @JsonProperty("tokens_per_step") long tokensPerStep,
            @JsonProperty("seconds_per_step") double secondsPerStep,
            @JsonProperty("tokens_per_second") double tokensPerSecond,
            @JsonProperty("gflops") double gflops,
            @JsonProperty("gemm_peak_gflops") double gemmPeakGflops,
            @JsonProperty("mfu") double mfu,
            @JsonProperty("loss") double loss,
            @JsonProperty("precision") String precision,
            @JsonProperty("attention") String attention,
            @JsonProperty("state_bytes") long stateBytes,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("peak_resident_bytes") @Nullable
            Long peakResidentBytes,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("activation_bytes_per_token") @Nullable
            Double activationBytesPerToken,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("minor_faults_per_step") @Nullable
            Double minorFaultsPerStep,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("major_faults_per_step") @Nullable
            Double majorFaultsPerStep,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            StepProfile profile) {}

    /**
     * Runs the benchmark.
     *
     * @param config model and training settings; data settings are not used, and
     *     {@code train.attention: auto} follows the fixed rule
     * @param warmUp steps before those, not timed: the allocator and Java's compiler warm up
     * @param steps timed steps
     * @param profile whether to look into the timed steps, by two clock readings a kernel call
     * @param progress told the nanoseconds of every step, warm-up included
     * @return the result
     */
    public static Result run(RunConfig config, int warmUp, int steps, boolean profile, LongConsumer progress) {
        TrainConfig train = config.train();
        int length = config.model().sequenceLength();
        LearningRateSchedule schedule =
                LearningRateSchedule.constant(train.optimizer().learningRate());
        KernelModule.enter(); // what the libraries take is no memory of the model
        StepMemory.Before withoutModel = StepMemory.Before.now();
        try (TrainingSetup setup = TrainingSetup.of(config)) {
            TrainStep step = new TrainStep(
                    setup,
                    train,
                    schedule,
                    (sample, sequences) ->
                            random(sample, sequences, length, config.model().vocabulary()));
            if (warmUp > 0) {
                time(step, train, 0, warmUp, progress);
            }
            StepMemory.Before warm = StepMemory.Before.now();
            Timed timed;
            StepProfiler profiler = profile ? new StepProfiler(config) : null;
            try {
                timed = time(step, train, warmUp, steps, progress);
            } finally {
                if (profiler != null) {
                    profiler.close();
                }
            }
            // Before the ceilings, whose arrays are no part of a step.
            long state = StateBytes.of(setup.model(), train).total();
            StepMemory memory = StepMemory.since(
                    withoutModel,
                    warm,
                    steps,
                    setup.manager().getDevice().isGpu() ? 0 : state,
                    (long) train.microBatch() * length);
            double peak = GemmCeiling.gflops(setup.manager(), setup.weights().precision(), CEILING_REPETITIONS);
            StepProfile table = profiler == null
                    ? null
                    : profiler.profile(
                            steps,
                            timed.meanSeconds,
                            peak,
                            MemoryCeiling.gigabytes(setup.manager(), CEILING_REPETITIONS));
            return result(config, setup.model().parameterCount(), timed, peak, state, memory, table);
        }
    }

    private record Timed(double medianSeconds, double meanSeconds, double loss) {}

    private static Timed time(TrainStep step, TrainConfig train, int first, int steps, LongConsumer progress) {
        long[] nanos = new long[steps];
        double loss = 0;
        for (int i = 0; i < steps; i++) {
            long start = System.nanoTime();
            loss = step.run(first + i + 1L, (first + i) * (long) train.globalBatch())
                    .loss();
            nanos[i] = System.nanoTime() - start;
            progress.accept(nanos[i]);
        }
        return new Timed(
                Median.of(LongStream.of(nanos).asDoubleStream().toArray()) / 1e9,
                Arrays.stream(nanos).average().orElseThrow() / 1e9,
                loss);
    }

    private static Result result(
            RunConfig config,
            long parameters,
            Timed timed,
            double peak,
            long state,
            StepMemory memory,
            @Nullable StepProfile profile) {
        long tokens = (long) config.train().globalBatch() * config.model().sequenceLength();
        double seconds = timed.medianSeconds;
        double gflops = tokens / seconds * FlopCount.of(config.model()).perToken() / 1e9;
        return new Result(
                parameters,
                tokens,
                seconds,
                tokens / seconds,
                gflops,
                peak,
                gflops / peak,
                timed.loss,
                config.train().precision(),
                RunAttention.of(config).label(),
                state,
                memory.peakResidentBytes(),
                memory.activationBytesPerToken(),
                memory.minorFaultsPerStep(),
                memory.majorFaultsPerStep(),
                profile);
    }

    private static TokenBatch random(long sample, int sequences, int length, int vocabulary) {
        SplittableRandom random = new SplittableRandom(sample);
        long[] inputs = random.longs((long) sequences * length, 0, vocabulary).toArray();
        long[] targets = random.longs((long) sequences * length, 0, vocabulary).toArray();
        return new TokenBatch(sample, sequences, length, inputs, targets);
    }
}
