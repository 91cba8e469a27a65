package io.github.gptmoe.train;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.plan.StateBytes;
import io.github.gptmoe.train.profile.StepProfile;
import io.github.gptmoe.train.profile.StepProfiler;
import io.github.gptmoe.train.report.Median;
import io.github.gptmoe.train.report.MemoryCeiling;
import io.github.gptmoe.train.sharding.RankGroups;
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
     * @param devices ranks that share the work; on a CPU threads of this process
     * @param stateBytes weights, gradients and moments of all ranks of this process, by count
     * @param skippedSteps timed steps that updated nothing, because an FP16 gradient overflowed or the loss was not finite: they
     *     were shorter than others
     * @param residentBeforeBytes resident set before the model was made: Java, libtorch and the kernels; null where the system
     *     does not tell, as the following
     * @param peakResidentBytes largest resident set of the process up to the last step
     * @param activationBytesPerToken that less what was resident before the model and less {@code stateBytes}, for each
     *     token of the micro-batches of all ranks: kept activations, temporaries and what the allocator holds back, so an upper bound; null
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
            @JsonProperty("devices") int devices,
            @JsonProperty("state_bytes") long stateBytes,
            @JsonProperty("skipped_steps") int skippedSteps,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("resident_before_bytes") @Nullable
            Long residentBeforeBytes,

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
     * Runs the benchmark on one device.
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
        return run(config, Devices.one(), warmUp, steps, profile, progress);
    }

    /**
     * Runs the benchmark; every rank takes part in every step.
     *
     * @param config as above
     * @param devices what it runs on
     * @param warmUp as above
     * @param steps as above
     * @param profile as above; for one device only, since calls of several ranks overlap
     * @param progress as above, by the clock of the first rank
     * @return the result
     * @throws InputException if the configuration cannot be divided over the devices, or this process is not alone
     */
    public static Result run(
            RunConfig config, Devices devices, int warmUp, int steps, boolean profile, LongConsumer progress) {
        devices.environment().requireAlone("bench step");
        devices.requireFit(config.train());
        if (profile && devices.count() > 1) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "a profile needs one device, since calls of several ranks overlap; leave out --profile or --devices");
        }
        KernelModule.enter(); // what the libraries take is no memory of the model
        StepMemory.Before withoutModel = StepMemory.Before.now();
        Measured measured = devices.run(
                config.train(),
                groups -> new Rank(config, devices.count(), groups, warmUp, steps, profile, progress)
                        .measure(withoutModel),
                stuck -> {});
        // After the steps: the arrays of the ceilings are no part of one.
        Precision precision = Precision.named(config.train().precision());
        double peak = Devices.gemmGflops(precision, devices.count(), CEILING_REPETITIONS);
        return result(config, devices.count(), measured, peak, withoutModel, table(measured, steps, peak));
    }

    private static @Nullable StepProfile table(Measured measured, int steps, double peak) {
        StepProfiler profiler = measured.profiler;
        if (profiler == null) {
            return null;
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            return profiler.profile(
                    steps, measured.timed.meanSeconds, peak, MemoryCeiling.gigabytes(manager, CEILING_REPETITIONS));
        }
    }

    /** What one rank has found out. */
    private record Measured(
            Timed timed,
            long parameters,
            long state,
            StepMemory memory,
            @Nullable StepProfiler profiler) {}

    /** A rank's part of the benchmark. */
    private record Rank(
            RunConfig config,
            int devices,
            RankGroups groups,
            int warmUp,
            int steps,
            boolean profile,
            LongConsumer progress) {

        Measured measure(StepMemory.Before withoutModel) {
            TrainConfig train = config.train();
            int length = config.model().sequenceLength();
            LearningRateSchedule schedule =
                    LearningRateSchedule.constant(train.optimizer().learningRate());
            try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
                TrainStep step = new TrainStep(
                        setup,
                        train,
                        schedule,
                        (sample, sequences) ->
                                random(sample, sequences, length, config.model().vocabulary()));
                if (warmUp > 0) {
                    time(step, 0, warmUp);
                }
                StepMemory.Before warm = StepMemory.Before.now();
                Timed timed;
                StepProfiler profiler = profile ? new StepProfiler(config) : null;
                try {
                    timed = time(step, warmUp, steps);
                } finally {
                    if (profiler != null) {
                        profiler.close();
                    }
                }
                boolean gpu = setup.manager().getDevice().isGpu();
                long state = StateBytes.sum(setup.model(), train, new PlanTarget(devices, gpu));
                StepMemory memory = StepMemory.since(
                        withoutModel, warm, steps, gpu ? 0 : state, (long) train.microBatch() * length * devices);
                return new Measured(timed, setup.model().parameterCount(), state, memory, profiler);
            }
        }

        private Timed time(TrainStep step, int first, int count) {
            long[] nanos = new long[count];
            double loss = 0;
            int skipped = 0;
            for (int i = 0; i < count; i++) {
                long start = System.nanoTime();
                int batch = config.train().globalBatch(); // as after a ramp
                StepResult result = step.run(first + i + 1L, (first + i) * (long) batch, batch);
                nanos[i] = System.nanoTime() - start;
                loss = result.loss();
                skipped += result.skipped() ? 1 : 0;
                if (groups.world().rank() == 0) {
                    progress.accept(nanos[i]);
                }
            }
            return new Timed(
                    Median.of(LongStream.of(nanos).asDoubleStream().toArray()) / 1e9,
                    Arrays.stream(nanos).average().orElseThrow() / 1e9,
                    loss,
                    skipped);
        }
    }

    private record Timed(double medianSeconds, double meanSeconds, double loss, int skipped) {}

    private static Result result(
            RunConfig config,
            int devices,
            Measured measured,
            double peak,
            StepMemory.Before withoutModel,
            @Nullable StepProfile profile) {
        long tokens = (long) config.train().globalBatch() * config.model().sequenceLength();
        double seconds = measured.timed.medianSeconds;
        double gflops = tokens / seconds * FlopCount.of(config.model()).perToken() / 1e9;
        StepMemory memory = measured.memory;
        return new Result(
                measured.parameters,
                tokens,
                seconds,
                tokens / seconds,
                gflops,
                peak,
                gflops / peak,
                measured.timed.loss,
                config.train().precision(),
                RunAttention.of(config).label(),
                devices,
                measured.state,
                measured.timed.skipped,
                withoutModel.residentBytes() < 0 ? null : withoutModel.residentBytes(),
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
