package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.TensorEntry;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.collective.CollectiveException;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.collective.Traffic;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.sharding.Bucket;
import io.github.gptmoe.train.sharding.ExpertRange;
import io.github.gptmoe.train.sharding.Layout;
import io.github.gptmoe.train.sharding.RankGroups;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs divided over ranks are the run of one rank, up to the order of sums. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RanksTest {
    // Three validation batches do not come out even, and eight experts with 32 tokens a micro-batch are often idle.
    private static final String[] LONG = {
        "train.steps=100",
        "train.validateEvery=50",
        "train.validationBatches=3",
        "checkpoint.everySteps=0",
        "model.experts=8"
    };

    /** A division of a run. */
    private record Division(int ranks, int zeroStage, int expertParallel) {
        Division(int ranks, int zeroStage) {
            this(ranks, zeroStage, 1);
        }

        RunConfig config(String... more) {
            String[] sets = Arrays.copyOf(more, more.length + 4);
            sets[more.length + 3] = "train.expertParallel=" + expertParallel;
            sets[more.length] = "train.zeroStage=" + zeroStage;
            sets[more.length + 1] = "train.globalBatch=8";
            sets[more.length + 2] = "train.microBatch=2";
            return TinyRun.config(sets);
        }
    }

    private static final List<Division> DIVISIONS = List.of(
            new Division(1, 0),
            new Division(2, 0),
            new Division(2, 2),
            new Division(4, 0),
            new Division(4, 2),
            new Division(2, 0, 2),
            new Division(4, 2, 2),
            new Division(4, 2, 4));

    @TempDir
    Path folder;

    private TinyRun.@Nullable Heard oneRank;

    @ParameterizedTest
    @CsvSource({"2,0,1", "4,0,1", "2,1,1", "2,2,1", "4,2,1", "2,0,2", "4,2,2", "4,0,4", "4,1,4"})
    void lossesAreThoseOfOneRank(int ranks, int zeroStage, int expertParallel) {
        TinyRun.Heard one = oneRank();
        RunConfig divided = new Division(ranks, zeroStage, expertParallel).config(LONG);
        TinyRun.Heard many = TinyRun.train(divided, folder.resolve("many"), ranks);
        assertThat(many.losses()).hasSize(100);
        for (int i = 0; i < 100; i++) {
            assertThat(many.losses().get(i))
                    .as("step %d", i + 1)
                    .isCloseTo(one.losses().get(i), within(1e-5));
            assertThat(many.steps.get(i).expertLoad())
                    .isEqualTo(one.steps.get(i).expertLoad());
        }
        for (int i = 0; i < one.validations.size(); i++) {
            assertThat(many.validations.get(i).validationLoss())
                    .isCloseTo(one.validations.get(i).validationLoss(), within(1e-5));
        }
    }

    private TinyRun.Heard oneRank() {
        if (oneRank == null) {
            oneRank = TinyRun.train(new Division(1, 0).config(LONG), folder.resolve("one"), 1);
        }
        return oneRank;
    }

    /** Whatever order the threads come in. */
    @ParameterizedTest
    @CsvSource({"4,2,1", "4,2,2"})
    void lossesRepeatBitForBit(int ranks, int zeroStage, int expertParallel) {
        RunConfig config = new Division(ranks, zeroStage, expertParallel).config("train.steps=20");
        assertThat(TinyRun.train(config, folder.resolve("again"), ranks).losses())
                .isEqualTo(TinyRun.train(config, folder.resolve("first"), ranks).losses());
    }

    @Test
    void lowPrecisionIsDividedTheSameWay() {
        String[] bf16 = {"train.precision=bf16", "train.steps=8", "checkpoint.everySteps=0"};
        List<Double> one = TinyRun.train(new Division(1, 0).config(bf16), folder.resolve("one"), 1)
                .losses();
        for (Division division : DIVISIONS.subList(1, DIVISIONS.size())) {
            List<Double> losses = TinyRun.train(
                            division.config(bf16), folder.resolve(division.toString()), division.ranks)
                    .losses();
            for (int i = 0; i < one.size(); i++) {
                assertThat(losses.get(i)).as("%s step %d", division, i + 1).isCloseTo(one.get(i), within(2e-3));
            }
        }
    }

    /** Whatever wrote a checkpoint, whatever reads it has the same weights and moments, bit for bit. */
    @ParameterizedTest
    @CsvSource({"fp32,moments=fp32", "bf16,moments=int8", "bf16,masterWeights=none"})
    void everyDivisionLoadsWhatEveryOtherSaved(String precision, String optimizer) throws IOException {
        String[] sets = {"train.steps=3", "train.precision=" + precision, "train.optimizer." + optimizer};
        for (Division from : DIVISIONS) {
            Path run = folder.resolve(precision + from);
            TinyRun.train(from.config(sets), run, from.ranks);
            Path written = run.resolve("checkpoints/step-00000003");
            Map<String, ByteBuffer> tensors = tensors(written);
            for (Division to : DIVISIONS) {
                Path again = loadAndSave(written, to.ranks, to.config(sets), folder.resolve(precision + from + to));
                assertThat(tensors(again)).as("%s to %s", from, to).isEqualTo(tensors);
            }
        }
    }

    /** What ranks write after they have read a checkpoint. */
    static Path loadAndSave(Path checkpoint, int ranks, RunConfig config, Path into) {
        CheckpointStore store = new CheckpointStore(into, 2);
        Checkpoint opened = store.open(checkpoint);
        TrainingCheckpoints.Saved saved = new Devices(ranks)
                .run(
                        config.train(),
                        groups -> {
                            try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
                                TrainingCheckpoints checkpoints =
                                        new TrainingCheckpoints(store, setup, sample -> Map.of());
                                TrainingState state = checkpoints.restore(opened);
                                return checkpoints.save(new RunIdentity("again", "hash", "data", Map.of()), state);
                            }
                        },
                        stacks -> {});
        return saved.folder().orElseThrow();
    }

    /** What is computed with must be renewed from what was loaded, on all ranks. */
    @Test
    void everyDivisionGoesOnWithTheSameLosses() {
        List<Double> unbroken = TinyRun.train(DIVISIONS.get(0).config("train.steps=8"), folder.resolve("unbroken"), 1)
                .losses();
        for (Division division : DIVISIONS) {
            Path run = folder.resolve(division.toString());
            // The schedule depends on the number of steps, so the run is stopped rather than short.
            stopAfter(4, DIVISIONS.get(0).config("train.steps=8"), run);
            List<Double> rest = TinyRun.train(division.config("train.steps=8"), run, division.ranks)
                    .losses();
            assertThat(rest).hasSize(4);
            for (int i = 0; i < rest.size(); i++) {
                assertThat(rest.get(i)).as("%s step %d", division, i + 5).isCloseTo(unbroken.get(i + 4), within(1e-5));
            }
        }
    }

    static void stopAfter(long last, RunConfig config, Path run) {
        StopRequest stop = new StopRequest();
        TinyRun.train(
                config,
                run,
                new TinyRun.Heard(step -> {
                    if (step == last) {
                        stop.request();
                    }
                }),
                stop);
    }

    @Test
    void aStopIsSeenByAllRanksAtTheSameStep() {
        RunConfig config = new Division(4, 2).config("train.steps=1000");
        StopRequest stop = new StopRequest();
        TinyRun.Heard heard = new TinyRun.Heard(step -> {
            if (step == 5) {
                stop.request();
            }
        });
        RunSummary summary = new Pretraining(
                        config,
                        new RunFolder(folder.resolve("run")),
                        Resume.auto(),
                        heard,
                        stop,
                        AttentionResolver.fixedRule(),
                        new Devices(4))
                .run();
        assertThat(summary.finished()).isFalse();
        assertThat(folder.resolve("run/checkpoints/step-00000005")).isDirectory();
    }

    /** Formulas of Rajbhandari et al. (2020), section 7, for the bytes that a rank sends: gradients g, weights w, micro-batches m. */
    @ParameterizedTest
    @CsvSource({"2,0,fp32", "4,0,bf16", "2,1,bf16", "2,2,fp32", "4,2,bf16"})
    void aStepMovesWhatTheFormulaSays(int ranks, int zeroStage, String precision) {
        RunConfig config =
                new Division(ranks, zeroStage).config("train.precision=" + precision, "train.gradientPrecision=fp32");
        int microBatches = 4 / ranks;
        Traffic moved = new Devices(ranks)
                .run(
                        config.train(),
                        groups -> {
                            try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
                                TrainStep step = new TrainStep(
                                        setup,
                                        config.train(),
                                        LearningRateSchedule.constant(1e-3),
                                        (sample, sequences) -> batch(sequences, config.model()));
                                assertThat(groups.world().traffic().total()).isZero();
                                step.run(1, 0, config.train().globalBatch());
                                setup.state().finish(); // weights still travel, beside what would be computed next
                                return groups.world().traffic();
                            }
                        },
                        stacks -> {});
        long others = ranks - 1L;
        Layout layout = Layout.of(new GptModel(config.model()), zeroStage, ranks);
        long gradients = layout.buckets().stream()
                .mapToLong(bucket -> bucket.plan().fullSize() * Float.BYTES / ranks * others)
                .sum();
        long weights = layout.buckets().stream()
                .mapToLong(bucket -> bucket.plan().fullSize()
                        * (bucket.fp32()
                                ? Float.BYTES
                                : Precision.named(precision).bytes())
                        / ranks
                        * others)
                .sum();
        assertThat(moved)
                .isEqualTo(
                        switch (zeroStage) {
                            case 0 -> new Traffic(2 * gradients, 0, 0, 0, 0);
                            case 1 -> new Traffic(0, gradients, weights, 0, 0);
                            default -> new Traffic(0, microBatches * gradients, weights, 0, 0);
                        });
    }

    private static TrainStep trainStep(TrainingSetup setup, RunConfig config) {
        return new TrainStep(
                setup,
                config.train(),
                LearningRateSchedule.constant(1e-3),
                (sample, sequences) -> batch(sequences, config.model()));
    }

    static TokenBatch batch(int sequences, ModelConfig model) {
        long[] ids = LongStream.range(0, (long) sequences * model.sequenceLength())
                .map(i -> i * 7 % model.vocabulary())
                .toArray();
        return new TokenBatch(0, sequences, model.sequenceLength(), ids, ids);
    }

    @ParameterizedTest
    @CsvSource({"2,1", "2,2", "4,2"})
    void optimizerMemoryIsDivided(int ranks, int zeroStage) {
        // Wide enough for the filling of the flat arrays not to count.
        String[] wide = {"model.hidden=64", "model.vocabulary=3000"};
        RunConfig config = new Division(ranks, zeroStage).config(wide);
        long whole = optimizerElements(new Division(1, 0).config(wide), RankGroups.dataParallel(new SingleProcess()));
        List<Long> elements = new CopyOnWriteArrayList<>();
        new Devices(ranks).run(config.train(), groups -> elements.add(optimizerElements(config, groups)), stacks -> {});
        assertThat(elements)
                .hasSize(ranks)
                .allSatisfy(own -> assertThat((double) own * ranks / whole).isCloseTo(1, within(0.05)));
        assertThat(elements.stream().mapToLong(Long::longValue).sum()).isEqualTo(whole);
    }

    private static long optimizerElements(RunConfig config, RankGroups groups) {
        try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
            return setup.updates().state().stream()
                    .mapToLong(shard -> shard.array().size())
                    .sum();
        }
    }

    /** Tokens go to their experts and back, with their gradients: four times the rows for other ranks, once a layer. */
    @ParameterizedTest
    @CsvSource({"2,2", "4,2", "4,4"})
    void expertsAreReachedByAllToAllAndNotReducedAmongThemselves(int ranks, int expertParallel) {
        Division division = new Division(ranks, 0, expertParallel);
        RunConfig config = division.config();
        Layout layout = Layout.of(new GptModel(config.model()), 0, ranks, new ExpertRange(0, expertParallel));
        long dense = 0;
        long experts = 0;
        for (Bucket bucket : layout.buckets()) {
            long bytes = bucket.plan().fullSize() * Float.BYTES;
            if (bucket.experts()) {
                experts += 2 * bytes / (ranks / expertParallel) * (ranks / expertParallel - 1);
            } else {
                dense += 2 * bytes / ranks * (ranks - 1L);
            }
        }
        List<Traffic> moved = new CopyOnWriteArrayList<>();
        new Devices(ranks)
                .run(
                        config.train(),
                        groups -> {
                            try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
                                trainStep(setup, config)
                                        .run(1, 0, config.train().globalBatch());
                                return moved.add(groups.traffic());
                            }
                        },
                        stacks -> {});
        long rowBytes = (long) config.model().hidden() * Float.BYTES;
        long microBatchTokens = 2L * config.model().sequenceLength();
        long sent = moved.stream().mapToLong(Traffic::allToAll).sum();
        assertThat(sent).isPositive().isLessThanOrEqualTo(4 * 4 * microBatchTokens * rowBytes);
        assertThat(sent % (4 * rowBytes)).isZero();
        long reduced = dense + experts;
        assertThat(moved)
                .hasSize(ranks)
                .allSatisfy(rank -> assertThat(rank.allReduce()).isEqualTo(reduced));
    }

    /** Without clipping the order of updates changes nothing, as a stage's weights are not read after its backward. */
    @ParameterizedTest
    @CsvSource({"1,0,1,fp32", "1,0,1,bf16", "2,0,1,fp32", "2,2,1,fp32", "4,1,2,fp32"})
    void updatingDuringBackwardGivesTheSameLosses(int ranks, int zeroStage, int expertParallel, String precision) {
        Division division = new Division(ranks, zeroStage, expertParallel);
        String[] sets = {
            "train.steps=15",
            "train.clipNorm=0",
            "train.precision=" + precision,
            "checkpoint.everySteps=0",
            "train.gradientPrecision=fp32"
        };
        List<Double> kept = TinyRun.train(oneMicroBatchEach(division, sets), folder.resolve("kept"), ranks)
                .losses();
        String[] inBackward = Arrays.copyOf(sets, sets.length + 1);
        inBackward[sets.length] = "train.optimizerInBackward=true";
        TinyRun.Heard heard = TinyRun.train(oneMicroBatchEach(division, inBackward), folder.resolve("backward"), ranks);
        assertThat(heard.losses()).isEqualTo(kept);
        assertThat(heard.steps).allSatisfy(line -> assertThat(line.gradNorm()).isPositive());
    }

    private static RunConfig oneMicroBatchEach(Division division, String... sets) {
        String[] all = Arrays.copyOf(sets, sets.length + 4);
        all[sets.length] = "train.globalBatch=" + 2 * division.ranks;
        all[sets.length + 1] = "train.microBatch=2";
        all[sets.length + 2] = "train.zeroStage=" + division.zeroStage;
        all[sets.length + 3] = "train.expertParallel=" + division.expertParallel;
        return TinyRun.config(all);
    }

    @Test
    void updatingDuringBackwardNeedsOneMicroBatchARank() {
        assertThatThrownBy(() -> TinyRun.train(
                        TinyRun.config("train.optimizerInBackward=true", "train.clipNorm=0"), folder.resolve("run"), 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.globalBatch 4 makes 2 of train.microBatch 2");
    }

    /** One rank is held; the others must give up within the timeout, say who is missing, and show where it is. */
    @Test
    void aRankThatIsStuckEndsTheRun() {
        RunConfig config = new Division(4, 2).config("train.rankTimeoutSeconds=1");
        CountDownLatch never = new CountDownLatch(1);
        List<String> told = new CopyOnWriteArrayList<>();
        long start = System.nanoTime();
        assertThatThrownBy(() -> new Devices(4)
                        .run(
                                config.train(),
                                groups -> {
                                    groups.world().barrier();
                                    if (groups.world().rank() == 2) {
                                        awaitQuietly(never);
                                    }
                                    groups.world().barrier();
                                    return groups;
                                },
                                told::add))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContaining("ranks [2] did not come to barrier within 1.0 s");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(12));
        assertThat(told.get(0)).contains("rank-0", "rank-2", "awaitQuietly");
        never.countDown();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a rank fails with is what the run fails with, whatever the others then say. */
    @Test
    void theFirstCauseEndsTheRun() {
        RunConfig config = new Division(4, 0).config();
        InputException cause = new InputException(InputException.Kind.ENVIRONMENT, "no such disk");
        assertThatThrownBy(() -> new Devices(4)
                        .run(
                                config.train(),
                                groups -> {
                                    if (groups.world().rank() == 3) {
                                        throw cause;
                                    }
                                    groups.world().barrier();
                                    return groups;
                                },
                                told -> {}))
                .isSameAs(cause);
    }

    /** All tensors of a checkpoint. */
    static Map<String, ByteBuffer> tensors(Path checkpoint) throws IOException {
        Map<String, ByteBuffer> tensors = new TreeMap<>();
        for (String name : List.of(TrainingCheckpoints.WEIGHTS, TrainingCheckpoints.OPTIMIZER)) {
            try (SafetensorsFile file = SafetensorsFile.open(checkpoint.resolve(name))) {
                for (TensorEntry entry : file.entries()) {
                    tensors.put(entry.name(), file.map(entry).get(0));
                }
            }
        }
        return tensors;
    }

    @Test
    void whatCannotBeDividedIsRefusedBeforeAnythingIsMade() {
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> TinyRun.train(TinyRun.config("train.zeroStage=2"), run, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.zeroStage 2")
                .hasMessageContaining("--devices is 1");
        assertThatThrownBy(() -> TinyRun.train(TinyRun.config(), run, 4))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.globalBatch 4 makes 2 micro-batches of train.microBatch 2")
                .hasMessageContaining("multiple of 8");
        assertThatThrownBy(() -> TinyRun.train(TinyRun.config(), run, 0)).hasMessageContaining("--devices 0");
        assertThat(run).doesNotExist();
    }
}
