package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainedModelTest {
    private static final int[] IDS = {300, 20, 31, 400, 539};

    @TempDir
    Path folder;

    private static double[] scores(Path path, Precision precision) {
        try (TrainedModel trained = TrainedModel.open(path, precision)) {
            return new SequenceScorer(trained).score(List.of(IDS)).get(0);
        }
    }

    @Test
    void runFolderMeansItsNewestCheckpoint() {
        TinyRun run = TinyRun.create(folder);
        double[] newest = scores(folder, Precision.FP32);
        assertThat(newest).isEqualTo(scores(run.checkpoint(2), Precision.FP32));
        assertThat(newest).isNotEqualTo(scores(run.checkpoint(1), Precision.FP32));
        double[][] expected = run.naive().logProbabilities(IDS);
        for (int i = 1; i < IDS.length; i++) {
            assertThat(newest[i]).isCloseTo(expected[i - 1][IDS[i]], within(1e-4));
        }
    }

    @Test
    void damagedNewestCheckpointIsPassedOver() throws IOException {
        TinyRun run = TinyRun.create(folder);
        double[] older = scores(run.checkpoint(1), Precision.FP32);
        Path weights = run.checkpoint(2).resolve("weights.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        assertThat(scores(folder, Precision.FP32)).isEqualTo(older);
        assertThatThrownBy(() -> scores(run.checkpoint(2), Precision.FP32))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("weights.safetensors");
    }

    @ParameterizedTest
    @CsvSource({"BF16, 0.5", "FP16, 0.06"})
    void lowPrecisionComputesNearlyTheSame(Precision precision, double tolerance) {
        TinyRun.create(folder);
        double[] exact = scores(folder, Precision.FP32);
        double[] rounded = scores(folder, precision);
        assertThat(rounded).isNotEqualTo(exact);
        for (int i = 1; i < IDS.length; i++) {
            assertThat(rounded[i]).isCloseTo(exact[i], within(tolerance));
        }
    }

    @Test
    void tokenizerIsFoundInTheRunWhenItMoved() throws IOException {
        Path original = Files.copy(TinyRun.tokenizer(), folder.resolve("pieces.model"));
        Path run = folder.resolve("run");
        TinyRun.create(run, TinyRun.config(original, 0), 1, 1, 3);
        double[] before = scores(run, Precision.FP32);
        Files.move(original, run.resolve("pieces.model"));
        assertThat(scores(run, Precision.FP32)).isEqualTo(before);
        Files.delete(run.resolve("pieces.model"));
        assertThatThrownBy(() -> scores(run, Precision.FP32))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(original.toString())
                .hasMessageContaining(run.resolve("pieces.model").toString());
    }

    @Test
    void whatIsNoRunIsNamedWithTheCommandThatMakesOne() throws IOException {
        assertThatThrownBy(() -> scores(folder, Precision.FP32))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("moe pretrain");
        TinyRun.create(folder, TinyRun.config(TinyRun.tokenizer(), 0), 1, 0, 3);
        assertThatThrownBy(() -> scores(folder, Precision.FP32))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("has no checkpoint yet");
    }

    /** Its weights are stored as FP32 masters, like those of every run. */
    @Test
    void aRunInFp16IsComputedInFp16() throws IOException {
        TinyRun.create(folder);
        Path config = folder.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replace("precision: fp32", "precision: fp16"));
        try (TrainedModel trained = TrainedModel.open(folder)) {
            assertThat(trained.precision()).isEqualTo(Precision.FP16);
            GeneratedText text = new Generator(trained).generate("a", 5, new Greedy(), piece -> {});
            assertThat(text.ids()).isNotEmpty();
        }
    }

    @Test
    void weightsOfAnotherModelAreRefused() throws IOException {
        TinyRun.create(folder);
        Path config = folder.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replace("hidden: 16", "hidden: 32"));
        assertThatThrownBy(() -> scores(folder, Precision.FP32))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("token_embedding.weight")
                .hasMessageContaining("another model configuration");
    }
}
