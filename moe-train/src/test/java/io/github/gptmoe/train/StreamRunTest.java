package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that tokenise on the way: several epochs of a small text, so that groups and what they carry on are passed. */
class StreamRunTest {
    @TempDir
    Path folder;

    private Path text;

    @BeforeEach
    void copyText() throws IOException {
        text = Files.copy(TinyRun.TEXT, folder.resolve("text.jsonl"));
    }

    private RunConfig config(String... more) {
        List<String> sets = new ArrayList<>(List.of(
                "data.tokenize=stream",
                "data.train=['" + text + "']",
                "data.cache=" + folder.resolve("cache"),
                "train.steps=60",
                "train.validateEvery=0",
                "checkpoint.everySteps=25"));
        sets.addAll(List.of(more));
        return TinyRun.config(sets.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"0, 31", "1, 50", "2, 17"})
    void aStoppedRunContinuesBitForBit(int threads, int lastStep) throws IOException {
        RunConfig config = config("data.loaderThreads=" + threads);
        List<Double> whole = TinyRun.train(config(), folder.resolve("whole")).losses();
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == lastStep) {
                stop.request();
            }
        });
        Path run = folder.resolve("parts");
        assertThat(TinyRun.train(config, run, before, stop).finished()).isFalse();
        List<Double> joined = new ArrayList<>(before.losses());
        joined.addAll(TinyRun.train(config, run).losses());
        assertThat(joined).hasSize(60).isEqualTo(whole);
        assertThat(folder.resolve("cache")).doesNotExist();
    }

    /** A checkpoint is made while threads are ahead of it; after a kill the run goes on from there. */
    @Test
    void stepsAfterTheLastCheckpointAreMadeAgain() {
        List<Double> whole = TinyRun.train(config(), folder.resolve("whole")).losses();
        Path run = folder.resolve("killed");
        TinyRun.Heard crash = new TinyRun.Heard(step -> {
            if (step == 40) {
                throw new IllegalStateException("killed");
            }
        });
        assertThatThrownBy(() -> TinyRun.train(config(), run, crash, new StopRequest()))
                .hasMessage("killed");
        assertThat(TinyRun.train(config(), run).losses()).isEqualTo(whole.subList(25, 60));
    }

    /** Dense: between experts that are nearly equal a token may go either way when the order of a sum changes. */
    @Test
    void twoRanksShareTheStreamAndHaveTheLossesOfOne() {
        String ramp = "train.batchRamp={start: 4, increment: 4, samples: 40}";
        RunConfig config = config(
                "train.globalBatch=8",
                ramp,
                "train.steps=30",
                "data.loaderThreads=2",
                "model.experts=0",
                "model.residual=false");
        List<Double> one = TinyRun.train(config, folder.resolve("one"), 1).losses();
        List<Double> two = TinyRun.train(config, folder.resolve("two"), 2).losses();
        assertThat(two).hasSize(30);
        for (int i = 0; i < 30; i++) {
            assertThat(two.get(i)).as("step %d", i + 1).isCloseTo(one.get(i), within(1e-5));
        }
    }

    @Test
    void countingModelsAreAbsentAndValidationIsThatOfThePackedRun() throws IOException {
        // A rate too small to move anything: both runs validate the initial weights.
        String[] still = {"train.steps=1", "train.optimizer.learningRate=1e-30", "train.optimizer.weightDecay=0"};
        RunSummary streamed = run(config(still), "streamed");
        String[] ahead = {still[0], still[1], still[2], "data.tokenize=ahead"};
        RunSummary packed = run(config(ahead), "packed");
        assertThat(streamed.validationLoss()).isEqualTo(packed.validationLoss());
        assertThat(packed.unigramLoss()).isFinite();
        assertThat(streamed.unigramLoss()).isNaN();
        JsonNode summary = new ObjectMapper()
                .readTree(folder.resolve("streamed/summary.json").toFile());
        assertThat(summary.get("bigramLoss").isNull()).isTrue();
    }

    private RunSummary run(RunConfig config, String name) {
        return TinyRun.train(config, folder.resolve(name), new TinyRun.Heard(step -> {}), new StopRequest());
    }

    @Test
    void aRunKeepsItsMode() {
        TinyRun.train(config("train.steps=25"), folder.resolve("run"));
        assertThatThrownBy(() -> TinyRun.train(config("data.tokenize=ahead"), folder.resolve("run")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.tokenize: the run has stream, this call ahead");
        Resume from = Resume.from(folder.resolve("run/checkpoints/step-00000025"));
        assertThatThrownBy(() -> new Pretraining(
                                config("data.tokenize=ahead"),
                                new RunFolder(folder.resolve("other")),
                                from,
                                new TinyRun.Heard(step -> {}),
                                new StopRequest())
                        .run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("instead of stream-")
                .hasMessageContaining("restore the files and data.tokenize");
    }

    @Test
    void aFileThatChangesFailsTheStep() throws IOException {
        byte[] all = Files.readAllBytes(text);
        TinyRun.Heard heard = new TinyRun.Heard(step -> {
            if (step == 3) {
                try {
                    Files.writeString(text, "{\"text\": \"short\"}\n");
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> TinyRun.train(config(), run, heard, new StopRequest()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(text + ", byte 0: the file has 18 bytes, and had " + all.length);
        Files.write(text, all);
        assertThat(TinyRun.train(config(), run).losses())
                .isEqualTo(TinyRun.train(config(), folder.resolve("whole")).losses());
    }
}
