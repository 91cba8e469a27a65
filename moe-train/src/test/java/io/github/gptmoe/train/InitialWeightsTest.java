package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.optim.StateShard;
import io.github.gptmoe.train.report.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that begin with the weights of another. */
class InitialWeightsTest {
    /** A rate too small to move anything: what is validated are the initial weights. */
    private static final List<String> STILL =
            List.of("train.steps=1", "train.optimizer.learningRate=1e-30", "train.optimizer.weightDecay=0");

    @TempDir
    Path folder;

    private Path base() {
        return folder.resolve("base");
    }

    private RunSummary trainBase(String... sets) {
        return TinyRun.train(TinyRun.config(sets), base(), new TinyRun.Heard(step -> {}), new StopRequest());
    }

    private RunConfig config(List<String> more, String... sets) {
        List<String> all = new ArrayList<>(more);
        all.addAll(List.of(sets));
        all.add("train.initialWeights=" + base());
        return TinyRun.config(all.toArray(String[]::new));
    }

    private static Checkpoint newest(Path run) {
        return new CheckpointStore(new RunFolder(run).checkpoints(), CheckpointStore.MIN_KEEP_LAST)
                .newestValid(warning -> {})
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "train.precision=fp32, train.zeroStage=0, 1",
        "train.precision=bf16, train.zeroStage=0, 1",
        "train.precision=bf16, train.zeroStage=2, 2",
        "train.precision=bf16, train.optimizer.masterWeights=none, 1",
        "train.precision=bf16, train.offloadOptimizer=cpu, 2"
    })
    void validationBeginsWhereTheOtherRunEnded(String first, String second, int ranks) {
        // One rank cannot divide anything.
        String ofBase = second.contains("zeroStage") ? "train.zeroStage=0" : second;
        double ended = trainBase(first, ofBase, "train.seed=3").validationLoss();
        TinyRun.Heard heard = TinyRun.train(config(STILL, first, second), folder.resolve("run"), ranks);
        assertThat(heard.validations).hasSize(1);
        assertThat(heard.validations.get(0).validationLoss()).isEqualTo(ended);
        double fromSeed = TinyRun.train(TinyRun.config(STILL.toArray(String[]::new)), folder.resolve("seed"))
                .validations
                .get(0)
                .validationLoss();
        assertThat(fromSeed).isGreaterThan(ended + 0.1);
    }

    /** Weights are stored in the precision of their masters; the run that takes them may have another. */
    @Test
    void thePrecisionMayDiffer() {
        double ended = trainBase("train.precision=bf16", "train.optimizer.masterWeights=none")
                .validationLoss();
        TinyRun.Heard heard = TinyRun.train(config(STILL, "train.precision=fp32"), folder.resolve("run"));
        assertThat(heard.validations.get(0).validationLoss()).isCloseTo(ended, within(0.02));
    }

    @Test
    void onlyTheWeightsAreTaken() {
        trainBase();
        RunConfig config = config(List.of());
        try (TrainingSetup source = TrainingSetup.of(config);
                TrainingSetup fresh = TrainingSetup.of(config)) {
            checkpoints(source).restore(newest(base()));
            checkpoints(fresh).restoreWeights(newest(base()));
            assertThat(source.updates().count()).isEqualTo(12);
            assertThat(fresh.updates().count()).isZero();
            assertThat(values(fresh.state().masters()))
                    .isEqualTo(values(source.state().masters()));
            assertThat(values(source.updates().state()).values())
                    .anySatisfy(moments -> assertThat(moments).containsPattern("[1-9]"));
            for (StateShard moments : fresh.updates().state()) {
                assertThat(moments.array().toFloatArray()).as(moments.name()).containsOnly(0);
            }
        }
    }

    private TrainingCheckpoints checkpoints(TrainingSetup setup) {
        CheckpointStore store = new CheckpointStore(folder.resolve("none"), CheckpointStore.MIN_KEEP_LAST);
        return new TrainingCheckpoints(store, setup, sample -> Map.of());
    }

    private static Map<String, String> values(List<StateShard> shards) {
        Map<String, String> values = new TreeMap<>();
        shards.forEach(
                shard -> values.put(shard.name(), Arrays.toString(shard.array().toFloatArray())));
        return values;
    }

    @Test
    void itIsAnotherRunAndSaysWhatItBeganWith() throws IOException {
        trainBase();
        RunConfig config = config(List.of("train.steps=3"));
        TinyRun.Heard heard = TinyRun.train(config, folder.resolve("run"));
        assertThat(heard.steps.get(0).step()).isEqualTo(1);
        Checkpoint own = newest(folder.resolve("run"));
        String baseId = newest(base()).manifest().runId();
        assertThat(own.manifest().runId()).isNotEqualTo(baseId);
        assertThat(own.manifest().state().step()).isEqualTo(3);
        assertThat(own.manifest().state().sample()).isEqualTo(12);
        assertThat(own.manifest().versions()).containsEntry("initialWeights", "run " + baseId + ", step 12");
        assertThat(newest(base()).manifest().versions()).doesNotContainKey("initialWeights");
        assertThat(Files.readString(folder.resolve("run/config.yaml"))).contains("initialWeights: \"" + base() + "\"");
        assertThat(heard.messages)
                .anySatisfy(message -> assertThat(message)
                        .startsWith("beginning with the weights of ")
                        .contains("step-00000012 (run " + baseId + ", step 12), a fresh optimizer and step 0"));
    }

    /** The other run is gone meanwhile: the run's own checkpoints win over what it began with. */
    @Test
    void anInterruptedRunGoesOnFromItsOwnCheckpoints() throws IOException {
        trainBase();
        RunConfig config = config(List.of("train.seed=9"));
        List<Double> whole = TinyRun.train(config, folder.resolve("whole")).losses();
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == 6) {
                stop.request();
            }
        });
        Path run = folder.resolve("parts");
        assertThat(TinyRun.train(config, run, before, stop).finished()).isFalse();
        Files.move(base(), folder.resolve("elsewhere"));
        TinyRun.Heard after = TinyRun.train(config, run);
        List<Double> joined = new ArrayList<>(before.losses());
        joined.addAll(after.losses());
        assertThat(joined).hasSize(12).isEqualTo(whole);
        assertThat(newest(run).manifest().versions()).containsKey("initialWeights");
        assertThat(TinyRun.train(config, run).steps).isEmpty();
        assertThatThrownBy(() -> TinyRun.train(TinyRun.config("train.seed=9"), run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.initialWeights: the run has " + base() + ", this call ");
    }

    @Test
    void twoRanksHaveTheLossesOfOne() {
        trainBase("model.experts=0", "model.residual=false");
        List<String> dense = List.of("model.experts=0", "model.residual=false");
        List<Double> one =
                TinyRun.train(config(dense), folder.resolve("one"), 1).losses();
        List<Double> two = TinyRun.train(config(dense, "train.zeroStage=2"), folder.resolve("two"), 2)
                .losses();
        for (int i = 0; i < 12; i++) {
            assertThat(two.get(i)).as("step %d", i + 1).isCloseTo(one.get(i), within(1e-5));
        }
    }

    @Test
    void anotherModelIsRefusedWithEveryKey() {
        trainBase("train.steps=1");
        RunConfig other = config(
                List.of("model.hidden=32", "model.experts=8", "model.router.type=large-margin"), "train.steps=1");
        assertThatThrownBy(() -> TinyRun.train(other, folder.resolve("run")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is of another model")
                .hasMessageContaining("model.hidden: the checkpoint's run has 16, this call 32")
                .hasMessageContaining("model.experts.0: the checkpoint's run has 4, this call 8")
                .hasMessageContaining("model.router.type: the checkpoint's run has top1, this call large-margin")
                .hasMessageContaining(base().resolve("config.yaml").toString())
                .satisfies(thrown ->
                        assertThat(((InputException) thrown).kind()).isEqualTo(InputException.Kind.CONFIGURATION));
        assertThat(folder.resolve("run/checkpoints")).doesNotExist();
    }

    @Test
    void settingsOfTheRouterMayDiffer() {
        trainBase("train.steps=1");
        RunConfig other = config(
                List.of("model.router={type: top1, balanceCoefficient: 0.5, zCoefficient: 0.1, jitter: 0.1}"),
                "model.capacityFactor=2",
                "train.steps=2");
        assertThat(TinyRun.train(other, folder.resolve("run")).steps).hasSize(2);
    }

    @Test
    void anotherTokenizerIsRefused() throws IOException {
        trainBase("train.steps=1");
        Path tokenizer = Files.copy(TinyRun.RESOURCES.resolve("tokenizer.model"), folder.resolve("other.model"));
        // A field that no reader knows: another file with the same pieces.
        Files.write(tokenizer, new byte[] {0x78, 1}, StandardOpenOption.APPEND);
        RunConfig other = config(List.of("train.steps=1"), "data.tokenizer=" + tokenizer);
        assertThatThrownBy(() -> TinyRun.train(other, folder.resolve("run")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("was trained with another tokenizer than " + tokenizer);
    }

    @Test
    void aCheckpointMayBeNamedAndNothingMayNot() throws IOException {
        trainBase();
        Path early;
        try (Stream<Path> steps = Files.list(base().resolve("checkpoints"))) {
            early = steps.filter(Files::isDirectory).sorted().findFirst().orElseThrow();
        }
        assertThat(early).hasFileName("step-00000008");
        TinyRun.train(TinyRun.config("train.steps=1", "train.initialWeights=" + early), folder.resolve("run"));
        assertThat(newest(folder.resolve("run")).manifest().versions().get("initialWeights"))
                .endsWith(", step 8");
        RunConfig nowhere = TinyRun.config("train.initialWeights=" + folder.resolve("nowhere"));
        assertThatThrownBy(() -> TinyRun.train(nowhere, folder.resolve("other")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nowhere is no folder; give a run folder");
    }
}
