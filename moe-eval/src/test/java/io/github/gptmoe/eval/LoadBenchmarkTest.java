package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorLocation;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadBenchmarkTest {
    private static final String WEIGHTS = "weights.safetensors";

    @TempDir
    Path folder;

    private static ModelConfig model(
            int layers, int hidden, int vocabulary, int length, boolean residual, List<Integer> experts) {
        return new ModelConfig(
                layers, hidden, 2, length, vocabulary, experts, 2, residual, null, null, null, null, null, null, null);
    }

    private static ModelConfig tiny() {
        return model(4, 32, 501, 16, false, List.of(3));
    }

    /** As configs/16b.yaml. */
    private static ModelConfig sixteenBillion() {
        return model(24, 2048, 50_000, 2048, true, List.of(32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 64, 64));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 30, 3_000_000_000L, 8L << 30, 33_000_000_000L, 33L << 30, 100L << 30})
    void aSizeIsMetToAnExpert(long bytes) {
        ModelConfig whole = sixteenBillion();
        ModelConfig scaled = LoadBenchmark.scaled(whole, bytes);
        long expert = 2L * 2 * 4 * 2048 * 2048 + 2 * (5 * 2048);
        assertThat(LoadBenchmark.storedBytes(scaled)).isBetween(bytes - expert + 1, bytes);
        assertThat(scaled.problems()).isEmpty();
        int blocks = scaled.moeLayers();
        assertThat(scaled.experts().subList(0, blocks - 1))
                .isEqualTo(whole.experts().subList(0, blocks - 1));
        assertThat(LoadBenchmark.tensorBytes(scaled)).isGreaterThan(LoadBenchmark.storedBytes(scaled));
    }

    @Test
    void aDenseModelIsMetToABlock() {
        ModelConfig whole = model(6, 64, 1000, 32, false, List.of());
        long one = LoadBenchmark.storedBytes(model(2, 64, 1000, 32, false, List.of()))
                - LoadBenchmark.storedBytes(model(1, 64, 1000, 32, false, List.of()));
        long bytes = 3 * LoadBenchmark.storedBytes(whole);
        assertThat(LoadBenchmark.storedBytes(LoadBenchmark.scaled(whole, bytes)))
                .isBetween(bytes - one + 1, bytes);
    }

    @Test
    void aSizeThatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBenchmark.scaled(tiny(), 1_000))
                .withMessageContaining("smallest cut of this model has");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBenchmark.scaled(tiny(), 1L << 40))
                .withMessageContaining("16 times at most");
    }

    @Test
    void shortagesAreToldInNumbers() {
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> LoadBenchmark.requireMemory(8L << 30, 8L << 30))
                .withMessageContaining("9.0 GiB")
                .withMessageContaining("8.0 GiB are free")
                .satisfies(error -> assertThat(error.kind()).isEqualTo(InputException.Kind.ENVIRONMENT));
        LoadBenchmark.requireMemory(8L << 30, 9L << 30);
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> LoadBenchmark.requireDisk(8L << 30, 8L << 30, folder))
                .withMessageContaining(folder.toString())
                .withMessageContaining("8.1 GiB")
                .satisfies(error -> assertThat(error.kind()).isEqualTo(InputException.Kind.ENVIRONMENT));
        LoadBenchmark.requireDisk(8L << 30, 9L << 30, folder);
    }

    @ParameterizedTest
    @CsvSource({"20000, true", "4294967296, false"})
    void whatIsSavedIsReadCheckedAndLoaded(long shardBytes, boolean split) throws IOException {
        ModelConfig model = tiny();
        LoadBenchmark.Part saved = LoadBenchmark.save(model, folder, shardBytes);
        Path checkpoint = folder.resolve("step-00000001");
        assertThat(Files.exists(checkpoint.resolve(WEIGHTS))).isNotEqualTo(split);
        assertThat(saved.bytes()).isBetween(LoadBenchmark.storedBytes(model), 2 * LoadBenchmark.storedBytes(model));
        assertThat(LoadBenchmark.readPlainly(folder).bytes()).isEqualTo(saved.bytes());
        assertThat(LoadBenchmark.verify(folder).bytes()).isEqualTo(saved.bytes());
        LoadBenchmark.Part loaded = LoadBenchmark.load(model, folder);
        assertThat(loaded.bytes()).isEqualTo(saved.bytes());
        assertThat(loaded.tensorBytes()).isEqualTo(LoadBenchmark.tensorBytes(model));
        assertThat(loaded.checkedElements()).isGreaterThan(64);
        assertThat(loaded.gigabytesPerSecond()).isPositive();
        contentFollowsFromNameAndPlace(model, checkpoint);
    }

    private static void contentFollowsFromNameAndPlace(ModelConfig model, Path checkpoint) throws IOException {
        try (TensorFiles files = TensorFiles.open(checkpoint, WEIGHTS)) {
            for (ModelParameter parameter : new GptModel(model).parameters()) {
                TensorLocation found = files.locate(parameter.name());
                ByteBuffer bytes =
                        ByteBuffer.allocate((int) found.entry().byteCount()).order(ByteOrder.LITTLE_ENDIAN);
                found.read(0, bytes);
                for (int i = 0; i < parameter.shape().size(); i++) {
                    short bits = bytes.getShort(2 * i);
                    assertThat(bits).isEqualTo(SyntheticWeights.bits(parameter.name(), i));
                    assertThat(Math.abs(Float.intBitsToFloat(bits << 16))).isBetween(0.5f, 2f);
                }
            }
        }
    }

    @Test
    void anElementThatIsNotWhatWasWrittenIsSeen() throws IOException {
        ModelConfig model = tiny();
        LoadBenchmark.save(model, folder, 1L << 30);
        Path weights = folder.resolve("step-00000001").resolve(WEIGHTS);
        try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 1}), channel.size() - 2);
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> LoadBenchmark.load(model, folder))
                .withMessageContaining("as it was written");
    }
}
