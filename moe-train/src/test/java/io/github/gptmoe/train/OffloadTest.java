package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.gptmoe.core.kernel.HeldMemory;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.optim.StateShard;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.plan.StateBytes;
import io.github.gptmoe.train.sharding.CudaCopies;
import io.github.gptmoe.train.sharding.HostCopies;
import io.github.gptmoe.train.sharding.HostDivision;
import io.github.gptmoe.train.sharding.RankGroups;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An optimizer on the host gives the numbers of one on the device, to the bit, whenever its copies are made. */
class OffloadTest {
    private static final int STEPS = 3;

    /** So small that a bucket is several portions. */
    private static final long SMALL_PORTION = 300;

    @TempDir
    Path folder;

    /** How copies are made, and of how many elements. */
    private record Copies(Function<Device, HostCopies> factory, long portion) {
        static final Copies PLAIN = new Copies(HostCopies::of, HostDivision.elements(false));
    }

    /** What a rank has after some steps: losses, which also tell what it computed with, and weights to go on from and moments. */
    private record Outcome(List<Double> losses, Map<String, ByteBuffer> state, List<Double> norms) {}

    private static RunConfig config(String where, int ranks, int zeroStage, int expertParallel, String sets) {
        List<String> all = new ArrayList<>(Arrays.asList(sets.split("; ")));
        all.addAll(List.of(
                "train.offloadOptimizer=" + where,
                "train.zeroStage=" + zeroStage,
                "train.expertParallel=" + expertParallel,
                "train.microBatch=2",
                "train.globalBatch=" + (sets.contains("optimizerInBackward=true") ? 2 * ranks : 4 * ranks)));
        return TinyRun.config(all.toArray(String[]::new));
    }

    private static Map<Integer, Outcome> train(RunConfig config, int ranks, Copies copies) {
        Map<Integer, Outcome> outcomes = new TreeMap<>();
        List<Map.Entry<Integer, Outcome>> all = new CopyOnWriteArrayList<>();
        new Devices(ranks)
                .run(
                        config.train(),
                        groups -> all.add(Map.entry(groups.world().rank(), train(config, groups, copies))),
                        stacks -> {});
        all.forEach(entry -> outcomes.put(entry.getKey(), entry.getValue()));
        return outcomes;
    }

    private static Outcome train(RunConfig config, RankGroups groups, Copies copies) {
        try (TrainingSetup setup = TrainingSetup.of(config, groups, copies.factory, copies.portion)) {
            TrainStep step = new TrainStep(
                    setup,
                    config.train(),
                    LearningRateSchedule.constant(1e-2),
                    (sample, sequences) -> RanksTest.batch(sequences, config.model()));
            List<Double> losses = new ArrayList<>();
            List<Double> norms = new ArrayList<>();
            for (int i = 1; i <= STEPS; i++) {
                StepResult result = step.run(i, 0, config.train().globalBatch());
                losses.add(result.loss());
                norms.add(result.gradNorm());
            }
            Map<String, ByteBuffer> state = new TreeMap<>();
            List<StateShard> shards = new ArrayList<>(setup.state().masters());
            shards.addAll(setup.updates().state());
            for (StateShard shard : shards) {
                long bytes = TensorStorage.bytes(shard.array());
                state.put(
                        shard.name(),
                        copyOf(TensorStorage.of(shard.array(), bytes).get(0)));
            }
            return new Outcome(losses, state, norms);
        }
    }

    private static ByteBuffer copyOf(ByteBuffer buffer) {
        return ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | 0 | 1 | train.precision=fp32",
                "1 | 0 | 1 | train.precision=bf16; train.optimizer.moments=int8",
                "1 | 0 | 1 | train.precision=bf16; train.optimizer.masterWeights=none; train.optimizer.moments=bf16",
                "1 | 0 | 1 | train.precision=bf16; train.optimizer.masterWeights=none; train.gradientPrecision=bf16",
                "1 | 0 | 1 | train.precision=fp16; train.clipNorm=0.1",
                "1 | 0 | 1 | train.precision=bf16; train.optimizer={type: sgd, learningRate: 0.1}",
                "1 | 0 | 1 | train.precision=bf16; train.optimizer={type: sgd, learningRate: 0.1, momentum: 0}",
                "1 | 0 | 1 | train.precision=bf16; train.optimizer={type: adafactor, learningRate: 0.01, beta1: 0.9}",
                "1 | 0 | 1 | train.optimizer={type: lamb, learningRate: 0.01}",
                "1 | 0 | 1 | train.precision=bf16; train.clipNorm=0; train.optimizerInBackward=true",
                "2 | 0 | 1 | train.precision=bf16",
                "2 | 1 | 1 | train.precision=bf16; train.optimizer={type: lamb, learningRate: 0.01}",
                "2 | 1 | 2 | train.precision=bf16; train.optimizer.groups=[{pattern: \"*.bias\", learningRateFactor: 0.5}]",
                "2 | 2 | 1 | train.precision=bf16; train.optimizer.masterWeights=none; train.optimizer.moments=int8",
                "2 | 2 | 1 | train.precision=fp16",
                "2 | 2 | 2 | train.precision=fp32; train.clipNorm=0; train.optimizerInBackward=true"
            })
    void theNumbersAreThoseOfTheDevice(int ranks, int zeroStage, int expertParallel, String sets) {
        RunConfig host = config("cpu", ranks, zeroStage, expertParallel, sets);
        Map<Integer, Outcome> expected =
                train(config("none", ranks, zeroStage, expertParallel, sets), ranks, Copies.PLAIN);
        assertThat(expected.get(0).norms).allSatisfy(norm -> assertThat(norm).isPositive());
        assertThat(expected.get(0).losses).doesNotHaveDuplicates();
        long portion = ranks > 1 && sets.contains("lamb") ? HostDivision.elements(true) : SMALL_PORTION;
        assertThat(train(host, ranks, new Copies(HostCopies::of, portion))).isEqualTo(expected);
        List<LazyCuda> gpus = new CopyOnWriteArrayList<>();
        Copies late = new Copies(
                device -> {
                    LazyCuda cuda = new LazyCuda(true);
                    gpus.add(cuda);
                    return new CudaCopies(cuda, 3);
                },
                portion);
        assertThat(train(host, ranks, late)).isEqualTo(expected);
        assertThat(gpus).hasSize(ranks).allSatisfy(gpu -> {
            assertThat(gpu.copies).isPositive();
            assertThat(gpu.overlapping).as("copies beside copies").isGreaterThan(gpu.copies / 3);
            gpu.requireClean();
        });
    }

    @Test
    void memoryThatCannotBeLockedIsUsedAllTheSame() {
        RunConfig host = config("cpu", 1, 0, 1, "train.precision=bf16");
        LazyCuda cuda = new LazyCuda(false);
        Outcome without = train(
                host,
                RankGroups.dataParallel(new SingleProcess()),
                new Copies(device -> new CudaCopies(cuda, 3), SMALL_PORTION));
        assertThat(without).isEqualTo(train(host, RankGroups.dataParallel(new SingleProcess()), Copies.PLAIN));
        assertThat(cuda.lockCalls).as("it is tried, and said, once").isEqualTo(1);
        cuda.requireClean();
    }

    /** LAMB's ranks exchange numbers when they are made, so they are made beside each other. */
    @ParameterizedTest
    @CsvSource({"0", "1"})
    void portionsOfRanksThatUpdateTogetherAreCounted(int zeroStage) {
        RunConfig config = config("cpu", 2, zeroStage, 1, "train.optimizer={type: lamb, learningRate: 0.01}");
        List<Long> unaccounted = new CopyOnWriteArrayList<>();
        new Devices(2)
                .run(
                        config.train(),
                        groups -> {
                            try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
                                long counted = StateBytes.of(
                                                setup.model(),
                                                config.train(),
                                                new PlanTarget(2, false),
                                                groups.world().rank())
                                        .total();
                                return unaccounted.add(HeldMemory.bytes(setup.manager()) - counted);
                            }
                        },
                        stacks -> {});
        assertThat(unaccounted).containsExactly(0L, 0L);
    }

    /** Whatever kept them, checkpoints are the same, and either goes on from the other's. */
    @ParameterizedTest
    @CsvSource({
        "train.precision=fp32",
        "train.precision=bf16; train.optimizer.moments=int8",
        "train.precision=bf16; train.optimizer.masterWeights=none"
    })
    void checkpointsCross(String sets) throws IOException {
        RunConfig device = config("none", 2, 2, 1, "train.steps=3; " + sets);
        Path run = folder.resolve("device");
        TinyRun.train(device, run, 2);
        Path fromDevice = run.resolve("checkpoints/step-00000003");
        Map<String, ByteBuffer> tensors = RanksTest.tensors(fromDevice);
        RunConfig host = config("cpu", 1, 0, 1, "train.steps=3; " + sets);
        Path fromHost = RanksTest.loadAndSave(fromDevice, 1, host, folder.resolve("host"));
        assertThat(RanksTest.tensors(fromHost)).isEqualTo(tensors);
        RunConfig hosts = config("cpu", 2, 2, 1, "train.steps=3; " + sets);
        Path fromHosts = RanksTest.loadAndSave(fromHost, 2, hosts, folder.resolve("hosts"));
        assertThat(RanksTest.tensors(fromHosts)).isEqualTo(tensors);
        Path back = RanksTest.loadAndSave(fromHosts, 2, device, folder.resolve("back"));
        assertThat(RanksTest.tensors(back)).isEqualTo(tensors);
    }

    /** What the device computes with is renewed from what the host has loaded. */
    @ParameterizedTest
    @CsvSource({"none,cpu", "cpu,none"})
    void aRunGoesOnElsewhereWithTheSameBits(String before, String after) {
        String sets = "train.precision=bf16; train.steps=8";
        List<Double> unbroken = TinyRun.train(config("none", 1, 0, 1, sets), folder.resolve("unbroken"))
                .losses();
        Path run = folder.resolve("run");
        RanksTest.stopAfter(4, config(before, 1, 0, 1, sets), run);
        List<Double> rest = TinyRun.train(config(after, 1, 0, 1, sets), run).losses();
        assertThat(rest).isEqualTo(unbroken.subList(4, 8));
    }
}
