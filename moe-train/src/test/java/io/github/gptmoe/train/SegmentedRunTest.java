package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

/** Runs on examples whose parts count differently. */
class SegmentedRunTest {
    private static final int EXAMPLES = 60;

    @TempDir
    Path folder;

    private Path rows;

    /** The last sign of the context decides the label. */
    @BeforeEach
    void writeRows() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < EXAMPLES; i++) {
            boolean good = i % 2 == 0;
            text.append("{\"segments\":[{\"kind\":\"context\",\"text\":\"")
                    .append((char) ('a' + i % 26))
                    .append(i)
                    .append(good ? "!" : "?")
                    .append("\"},{\"kind\":\"prompt\",\"text\":\":\"},{\"kind\":\"label\",\"text\":\"")
                    .append(good ? "y" : "n")
                    .append("\"}],\"weight\":")
                    .append(i % 3 == 0 ? 0.5 : 1)
                    .append("}\n");
        }
        rows = Files.writeString(folder.resolve("rows.jsonl"), text);
    }

    private RunConfig config(String... more) {
        List<String> sets = new ArrayList<>(List.of(
                "data.train=['" + rows + "']",
                "data.format=segments",
                "data.validationFraction=0.3",
                "train.validateEvery=0"));
        sets.addAll(List.of(more));
        return TinyRun.config(sets.toArray(String[]::new));
    }

    @Test
    void aStoppedRunContinuesBitForBit() {
        RunConfig config = config("train.steps=30", "data.weights={context: 0.5, prompt: 2, label: 3}");
        List<Double> whole = TinyRun.train(config, folder.resolve("whole")).losses();
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == 17) {
                stop.request();
            }
        });
        Path run = folder.resolve("parts");
        assertThat(TinyRun.train(config, run, before, stop).finished()).isFalse();
        List<Double> joined = new ArrayList<>(before.losses());
        joined.addAll(TinyRun.train(config, run).losses());
        assertThat(joined).hasSize(30).isEqualTo(whole);
    }

    @Test
    void twoRanksHaveTheLossesOfOne() {
        RunConfig config =
                config("train.steps=10", "data.weights={label: 3}", "model.experts=0", "model.residual=false");
        List<Double> one = TinyRun.train(config, folder.resolve("one"), 1).losses();
        List<Double> two = TinyRun.train(config, folder.resolve("two"), 2).losses();
        for (int i = 0; i < 10; i++) {
            assertThat(two.get(i)).as("step %d", i + 1).isCloseTo(one.get(i), within(1e-5));
        }
    }

    /** Trained on labels alone, the loss goes far below the entropy of a coin, as the context says which it is. */
    @Test
    void labelsAloneAreLearnt() {
        RunConfig config = config(
                "train.steps=150",
                "train.globalBatch=16",
                "train.microBatch=16",
                "model.experts=0",
                "model.residual=false",
                "data.weights={context: 0, prompt: 0, label: 1}");
        TinyRun.Heard heard = new TinyRun.Heard(step -> {});
        RunSummary summary = TinyRun.train(config, folder.resolve("run"), heard, new StopRequest());
        assertThat(heard.losses().get(0)).isBetween(4.0, 8.0);
        assertThat(heard.losses().subList(140, 150))
                .allSatisfy(loss -> assertThat(loss).isLessThan(0.3));
        assertThat(summary.validationLoss()).isGreaterThan(1); // of all tokens, which it has not learnt
    }
}
