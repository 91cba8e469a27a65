package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.CorpusPacker;
import io.github.gptmoe.data.CountingBaselines;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.TokenCorpus;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.TrainingLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainingTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16", "fp16"})
    void theSameConfigurationGivesTheSameBits(String precision) {
        RunConfig config = TinyRun.config("train.precision=" + precision);
        TinyRun.Heard first = TinyRun.train(config, folder.resolve("a"));
        TinyRun.Heard second = TinyRun.train(config, folder.resolve("b"));
        assertThat(first.losses()).hasSize(12).isEqualTo(second.losses());
        assertThat(first.validations).isEqualTo(second.validations);
    }

    @ParameterizedTest
    @CsvSource({"fp32,top1", "bf16,top1", "fp16,top1", "fp32,large-margin"})
    void aStoppedRunContinuesBitForBit(String precision, String router) throws IOException {
        RunConfig config = TinyRun.config(
                "train.precision=" + precision, "model.router.type=" + router, "model.router.jitter=0.01");
        TinyRun.Heard whole = TinyRun.train(config, folder.resolve("whole"));
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == 6) {
                stop.request();
            }
        });
        Path run = folder.resolve("parts");
        assertThat(TinyRun.train(config, run, before, stop).finished()).isFalse();
        TinyRun.Heard after = new TinyRun.Heard(step -> {});
        assertThat(TinyRun.train(config, run, after, new StopRequest()).finished())
                .isTrue();
        List<Double> joined = new ArrayList<>(before.losses());
        joined.addAll(after.losses());
        assertThat(joined).isEqualTo(whole.losses());
        assertThat(loggedLosses(run)).isEqualTo(whole.losses());
        assertThat(after.validations.get(after.validations.size() - 1))
                .isEqualTo(whole.validations.get(whole.validations.size() - 1));
    }

    @Test
    void stepsMadeAfterTheLastCheckpointAreMadeAgain() throws IOException {
        RunConfig config = TinyRun.config();
        TinyRun.Heard whole = TinyRun.train(config, folder.resolve("whole"));
        Path run = folder.resolve("killed");
        TinyRun.Heard crash = new TinyRun.Heard(step -> {
            if (step == 7) {
                throw new IllegalStateException("killed");
            }
        });
        assertThatThrownBy(() -> TinyRun.train(config, run, crash, new StopRequest()))
                .hasMessage("killed");
        TinyRun.Heard after = TinyRun.train(config, run);
        assertThat(after.steps.get(0).step()).isEqualTo(5);
        assertThat(loggedLosses(run)).isEqualTo(whole.losses());
    }

    @Test
    void aFinishedRunIsLeftAsItIs() {
        RunConfig config = TinyRun.config();
        Path run = folder.resolve("run");
        TinyRun.train(config, run);
        TinyRun.Heard again = new TinyRun.Heard(step -> {});
        RunSummary outcome = TinyRun.train(config, run, again, new StopRequest());
        assertThat(outcome.finished()).isTrue();
        assertThat(again.steps).isEmpty();
        assertThat(outcome.step()).isEqualTo(12);
    }

    @Test
    void recomputedBlocksGiveTheSameBits() {
        List<Double> kept =
                TinyRun.train(TinyRun.config(), folder.resolve("kept")).losses();
        List<Double> recomputed = TinyRun.train(TinyRun.config("train.recompute=all"), folder.resolve("recomputed"))
                .losses();
        assertThat(recomputed).isEqualTo(kept);
    }

    @Test
    void microBatchesChangeTheLossByRoundingOnly() {
        // Without router losses, which are means over a micro-batch, accumulation is exact up to summation order.
        String off = "model.router={type: top1, balanceCoefficient: 0}";
        List<Double> two =
                TinyRun.train(TinyRun.config(off), folder.resolve("two")).losses();
        List<Double> one = TinyRun.train(TinyRun.config(off, "train.microBatch=4"), folder.resolve("one"))
                .losses();
        for (int i = 0; i < two.size(); i++) {
            assertThat(one.get(i)).isCloseTo(two.get(i), within(1e-4));
        }
    }

    @Test
    void trainingLearnsTheTextBeyondItsWordCounts() throws IOException {
        // Validated on a copy of the text it has seen: 20 sentences can show memory, not generalisation.
        Path seen = Files.copy(TinyRun.TEXT, folder.resolve("seen.jsonl"));
        RunSummary outcome = TinyRun.train(
                TinyRun.config(
                        "train.steps=60",
                        "train.globalBatch=16",
                        "train.microBatch=16",
                        "data.validation=['" + seen + "']"),
                folder.resolve("run"),
                new TinyRun.Heard(step -> {}),
                new StopRequest());
        assertThat(outcome.validationLoss()).isLessThan(outcome.unigramLoss() - 0.5);
        assertThat(outcome.lmLoss()).isLessThan(outcome.unigramLoss() - 0.5);
    }

    @Test
    void anotherConfigurationIsRefusedWithEveryChangedKey() {
        Path run = folder.resolve("run");
        TinyRun.train(TinyRun.config("train.steps=4"), run);
        assertThatThrownBy(() ->
                        TinyRun.train(TinyRun.config("train.steps=8", "model.residual=false", "train.seed=2"), run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.residual: the run has true, this call false")
                .hasMessageContaining("train.seed: the run has 1, this call 2");
        TinyRun.Heard longer = TinyRun.train(TinyRun.config("train.steps=8"), run);
        assertThat(longer.steps).hasSize(4);
    }

    @Test
    void neverRefusesARunWithCheckpoints() {
        Path run = folder.resolve("run");
        RunConfig config = TinyRun.config("train.steps=4");
        TinyRun.train(config, run);
        assertThatThrownBy(() -> new Pretraining(
                                config,
                                new RunFolder(run),
                                Resume.never(),
                                new TinyRun.Heard(step -> {}),
                                new StopRequest())
                        .run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--resume auto");
    }

    @Test
    void aTokenizerLargerThanTheModelIsRefused() {
        assertThatThrownBy(() -> TinyRun.train(TinyRun.config("model.vocabulary=300"), folder.resolve("run")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(String.valueOf(TinyRun.VOCABULARY))
                .hasMessageContaining("model.vocabulary");
    }

    @Test
    void aRunContinuesBitForBitWhateverTheSizeOfItsFiles() throws IOException {
        String[] large = {"model.vocabulary=2000", "model.hidden=64"}; // a token table of half a MiB
        Path run = folder.resolve("run");
        List<Double> whole =
                TinyRun.train(TinyRun.config(large), folder.resolve("whole")).losses();
        RunConfig small = TinyRun.config(large[0], large[1], "checkpoint.shardBytes=1048576");
        TinyRun.train(small, run);
        Path newest = run.resolve("checkpoints/step-00000012");
        assertThat(newest.resolve("optimizer.safetensors.index.json")).isRegularFile();
        assertThat(newest.resolve("optimizer.safetensors")).doesNotExist();
        Path earlier = run.resolve("checkpoints/step-00000008");
        TinyRun.Heard again = new TinyRun.Heard(step -> {});
        new Pretraining(small, new RunFolder(folder.resolve("again")), Resume.from(earlier), again, new StopRequest())
                .run();
        assertThat(again.losses()).isEqualTo(whole.subList(8, 12));
    }

    @Test
    void aDamagedCheckpointIsSkippedByAutoWithAWarning() throws IOException {
        Path run = folder.resolve("run");
        RunConfig config = TinyRun.config();
        List<Double> whole = TinyRun.train(config, run).losses();
        Path newest = run.resolve("checkpoints/step-00000012/weights.safetensors");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length / 2] ^= 1;
        Files.write(newest, bytes);
        TinyRun.Heard again = TinyRun.train(config, run);
        assertThat(again.messages).anyMatch(text -> text.contains("step-00000012"));
        assertThat(again.losses()).isEqualTo(whole.subList(8, 12));
    }

    @Test
    void aRunThatEndsInItsWarmUpSaysSo() {
        RunConfig config = TinyRun.config("train.steps=2", "train.validationBatches=1"); // warm-up: 3
        assertThat(TinyRun.train(config, folder.resolve("short")).messages)
                .anyMatch(text -> text.startsWith("warning: train.schedule.warmupSteps 3 is not below the 2 steps"));
        RunConfig longer = TinyRun.config("train.steps=4", "train.validationBatches=1");
        assertThat(TinyRun.train(longer, folder.resolve("longer")).messages)
                .noneMatch(text -> text.contains("warmupSteps"));
    }

    private static List<Double> loggedLosses(Path run) throws IOException {
        List<Double> losses = new ArrayList<>();
        ObjectMapper json = new ObjectMapper();
        long step = 0;
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode node = json.readTree(line);
            if (node.has("lmLoss")) {
                assertThat(node.get("step").asLong()).isEqualTo(++step);
                losses.add(node.get("loss").asDouble());
            }
        }
        return losses;
    }

    @Test
    void noClippingStillTrains() {
        RunSummary outcome = TinyRun.train(
                TinyRun.config("train.clipNorm=0"),
                folder.resolve("run"),
                new TinyRun.Heard(step -> {}),
                new StopRequest());
        RunSummary huge = TinyRun.train(
                TinyRun.config("train.clipNorm=1e9"),
                folder.resolve("huge"),
                new TinyRun.Heard(step -> {}),
                new StopRequest());
        assertThat(outcome.validationLoss()).isEqualTo(huge.validationLoss());
    }

    @Test
    void aFinishedRunKeepsItsSummaryToTheByte() throws IOException {
        RunConfig config = TinyRun.config("train.steps=4");
        Path run = folder.resolve("run");
        RunSummary first = TinyRun.train(config, run, new TinyRun.Heard(step -> {}), new StopRequest());
        String written = Files.readString(run.resolve("summary.json"));
        RunSummary again = TinyRun.train(config, run, new TinyRun.Heard(step -> {}), new StopRequest());
        assertThat(Files.readString(run.resolve("summary.json"))).isEqualTo(written);
        assertThat(again).isEqualTo(first);
        // A kill between the last checkpoint and the summary: the same call completes the run.
        Files.delete(run.resolve("summary.json"));
        RunSummary rebuilt = TinyRun.train(config, run, new TinyRun.Heard(step -> {}), new StopRequest());
        assertThat(rebuilt.loss()).isEqualTo(first.loss());
        assertThat(rebuilt.validationLoss()).isEqualTo(first.validationLoss());
        assertThat(rebuilt.finished()).isTrue();
    }

    @Test
    void fewerStepsThanMadeAreRefusedAndNothingChanges() throws IOException {
        Path run = folder.resolve("run");
        TinyRun.train(TinyRun.config("train.steps=4"), run);
        String config = Files.readString(run.resolve("config.yaml"));
        assertThatThrownBy(() -> TinyRun.train(TinyRun.config("train.steps=2"), run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("made 4 steps");
        assertThat(Files.readString(run.resolve("config.yaml"))).isEqualTo(config);
        assertThat(run.resolve("summary.json")).exists();
    }

    @Test
    void countingModelsAreScoredOnTheTokensOfTheValidation() {
        for (int batches : new int[] {1, 2}) {
            RunConfig config = TinyRun.config("train.steps=1", "train.validationBatches=" + batches);
            RunSummary outcome = TinyRun.train(
                    config, folder.resolve("run" + batches), new TinyRun.Heard(step -> {}), new StopRequest());
            long targets = (long) batches
                    * config.train().microBatch()
                    * config.model().sequenceLength();
            try (Tokenizer tokenizer =
                            SentencePieceTokenizer.open(Path.of(config.data().tokenizer()));
                    TokenCorpus corpus = CorpusPacker.pack(config.data(), tokenizer)) {
                CountingBaselines expected =
                        CountingBaselines.of(corpus.train(), corpus.validation(), targets, TinyRun.VOCABULARY);
                assertThat(outcome.unigramLoss()).isEqualTo(expected.unigramLoss());
                assertThat(outcome.bigramLoss()).isEqualTo(expected.bigramLoss());
            }
        }
    }

    @Test
    void anotherModelCannotStartFromACheckpoint() {
        Path run = folder.resolve("run");
        TinyRun.train(TinyRun.config("train.steps=4"), run);
        Resume from = Resume.from(run.resolve("checkpoints/step-00000004"));
        assertThatThrownBy(() -> new Pretraining(
                                TinyRun.config("train.steps=8", "model.heads=4"),
                                new RunFolder(folder.resolve("other")),
                                from,
                                new TinyRun.Heard(step -> {}),
                                new StopRequest())
                        .run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("another model");
    }

    @Test
    void threadsThatLoadChangeNothingAndNoneIsLeft() {
        List<Double> losses = TinyRun.train(TinyRun.config("data.loaderThreads=0"), folder.resolve("none"))
                .losses();
        for (String ahead : List.of("data.prefetch=1", "data.prefetch=9", "data.loaderThreads=3")) {
            TinyRun.Heard heard = TinyRun.train(TinyRun.config(ahead), folder.resolve(ahead));
            assertThat(heard.losses()).as(ahead).isEqualTo(losses);
        }
        // Continued with another number of them.
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == 5) {
                stop.request();
            }
        });
        Path run = folder.resolve("parts");
        TinyRun.train(TinyRun.config("data.loaderThreads=2"), run, before, stop);
        TinyRun.Heard after = TinyRun.train(TinyRun.config("data.loaderThreads=0"), run);
        assertThat(after.losses()).isEqualTo(losses.subList(5, 12));
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("batch-loader"));
    }

    @Test
    void waitingForDataIsAccountedOnceAndAcrossAStop() throws IOException {
        RunConfig config = TinyRun.config("train.logEvery=5", "train.validateEvery=2");
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == 5) {
                stop.request();
            }
        });
        Path run = folder.resolve("run");
        RunSummary part = TinyRun.train(config, run, before, stop);
        TinyRun.Heard after = new TinyRun.Heard(step -> {});
        RunSummary whole = TinyRun.train(config, run, after, new StopRequest());
        assertThat(before.steps).hasSize(1);
        double first = before.steps.get(0).dataWaitSeconds();
        double second =
                after.steps.stream().mapToDouble(TrainingLine::dataWaitSeconds).sum();
        assertThat(first).isPositive();
        assertThat(second).isPositive();
        assertThat(part.dataWaitShare() * part.wallSeconds()).isCloseTo(first, within(1e-9));
        assertThat(whole.dataWaitShare() * whole.wallSeconds()).isCloseTo(first + second, within(1e-9));
        assertThat(whole.secondsToFirstStep()).isGreaterThan(part.secondsToFirstStep());
    }
}
