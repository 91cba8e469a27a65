package io.github.gptmoe.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorFilesTest {
    private static final String NAME = "weights.safetensors";
    private static final String FIRST = "weights-00001-of-00002.safetensors";
    private static final String SECOND = "weights-00002-of-00002.safetensors";

    @TempDir
    Path folder;

    private static TensorSource tensor(String name, SafetensorType type, long[] shape, byte[] bytes) {
        return TensorSource.of(name, type, shape, ByteBuffer.wrap(bytes));
    }

    private static List<Path> write(Path folder, List<TensorSource> tensors, long maxBytes) throws IOException {
        ShardSplit split = ShardSplit.of(NAME, Map.of("k", "v"), tensors, maxBytes);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < split.shards().size(); i++) {
            Path file = folder.resolve(split.fileName(i));
            SafetensorsWriter.write(file, Map.of("k", "v"), split.shards().get(i));
            files.add(file);
        }
        if (split.isSplit()) {
            Files.write(
                    folder.resolve(ShardIndex.indexName(NAME)),
                    split.index(Map.of("k", "v")).encode());
        }
        return files;
    }

    @Test
    void anySizeOfFilesHoldsTheSameTensors() throws IOException {
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            Path place = Files.createDirectory(folder.resolve("round-" + round));
            List<TensorSource> tensors = new ArrayList<>();
            List<byte[]> contents = new ArrayList<>();
            int count = 1 + random.nextInt(12);
            for (int i = 0; i < count; i++) {
                SafetensorType type = random.nextBoolean() ? SafetensorType.F32 : SafetensorType.BF16;
                long[] shape = random.nextInt(5) == 0 ? new long[0] : new long[] {random.nextInt(40), 1L + i};
                int elements = shape.length == 0 ? 1 : (int) (shape[0] * shape[1]);
                byte[] bytes = new byte[elements * type.bytes()];
                random.nextBytes(bytes);
                contents.add(bytes);
                tensors.add(tensor("blocks." + i + ".\u5c42", type, shape, bytes));
            }
            long maxBytes = 200 + random.nextInt(6_000);
            List<Path> files = write(place, tensors, maxBytes);
            for (Path file : files) {
                try (SafetensorsFile single = SafetensorsFile.open(file)) {
                    assertThat(Files.size(file) <= maxBytes || single.entries().size() == 1)
                            .as("%s of at most %d", file, maxBytes)
                            .isTrue();
                }
            }
            try (TensorFiles open = TensorFiles.open(place, NAME)) {
                assertThat(open.files()).hasSameSizeAs(files);
                assertThat(open.index().isPresent()).isEqualTo(files.size() > 1);
                assertThat(open.tensors()).hasSize(count);
                for (int i = 0; i < count; i++) {
                    TensorLocation found = open.locate(tensors.get(i).name());
                    assertThat(found.entry().type()).isEqualTo(tensors.get(i).type());
                    int length = contents.get(i).length;
                    int from = random.nextInt(length + 1);
                    ByteBuffer bytes = ByteBuffer.allocate(length - from);
                    found.read(from, bytes);
                    assertThat(bytes.flip())
                            .isEqualTo(ByteBuffer.wrap(contents.get(i), from, length - from)
                                    .slice());
                }
            }
        }
    }

    private List<TensorSource> twoTensors() {
        return List.of(
                tensor("a", SafetensorType.F32, new long[] {100}, new byte[400]),
                tensor("b", SafetensorType.BF16, new long[] {2, 100}, new byte[400]));
    }

    @Test
    void whatFitsIsOneFileWithItsPlainName() throws IOException {
        List<TensorSource> tensors = twoTensors();
        long exact = SafetensorsWriter.byteCount(Map.of("k", "v"), tensors);
        assertThat(ShardSplit.of(NAME, Map.of("k", "v"), tensors, exact).fileName(0))
                .isEqualTo(NAME);
        ShardSplit split = ShardSplit.of(NAME, Map.of("k", "v"), tensors, exact - 1);
        assertThat(split.isSplit()).isTrue();
        assertThat(List.of(split.fileName(0), split.fileName(1))).containsExactly(FIRST, SECOND);
    }

    @Test
    void theIndexIsThatOfTheHuggingFaceLibraries() throws IOException {
        write(folder, twoTensors(), 600);
        assertThat(Files.readString(folder.resolve("weights.safetensors.index.json")))
                .isEqualToNormalizingWhitespace(
                        "{ \"metadata\" : { \"total_size\" : 800, \"k\" : \"v\" }, \"weight_map\" : { \"a\" : \""
                                + FIRST + "\", \"b\" : \"" + SECOND + "\" } }");
    }

    @Test
    void readsOnlyWhatTheTensorHas() throws IOException {
        write(folder, twoTensors(), 600);
        try (TensorFiles open = TensorFiles.open(folder, NAME)) {
            TensorLocation b = open.locate("b");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> b.read(1, ByteBuffer.allocate(400)))
                    .withMessageContaining("400 bytes from 1 on");
            assertThatIllegalArgumentException().isThrownBy(() -> b.read(-1, ByteBuffer.allocate(4)));
            assertThatExceptionOfType(TensorMismatchException.class)
                    .isThrownBy(() -> open.locate("c"))
                    .withMessageContaining("index.json")
                    .withMessageContaining("\"c\" is in none of the files");
            Files.write(folder.resolve(SECOND), new byte[100]);
            assertThatExceptionOfType(SafetensorsException.class)
                    .isThrownBy(() -> b.read(0, ByteBuffer.allocate(400)))
                    .withMessageContaining("has shrunk");
        }
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> TensorFiles.open(folder, NAME))
                .withMessageContaining("weights.safetensors:")
                .withMessageContaining("no weights.safetensors.index.json either");
        write(folder, twoTensors(), 600);
        Files.delete(folder.resolve(SECOND));
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> TensorFiles.open(folder, NAME))
                .withMessageContaining(SECOND)
                .withMessageContaining("named by weights.safetensors.index.json");
    }

    @Test
    void oneFileBesideAnIndexIsRefused() throws IOException {
        write(folder, twoTensors(), 600);
        Files.copy(folder.resolve(FIRST), folder.resolve(NAME));
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> TensorFiles.open(folder, NAME))
                .withMessageContaining("lies beside weights.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"a\" : | \"c\" : | is in weights-00001-of-00002.safetensors, where the index does not have it",
                "\"a\" : \"weights-00001 | \"a\" : \"weights-00002 | \"a\": is not in weights-00002-of",
                "\"weight_map\" : { | \"weight_map\" : { \"c\" : \"" + FIRST + "\", | \"c\": is not in " + FIRST,
                "\"weight_map\" : { | \"weight_map\" : { \"b\" : \"" + FIRST + "\", | Duplicate",
                "800 | 801 | the tensors have 800 bytes together, the index says 801",
                "800 | \"800\" | no metadata.total_size",
                "total_size | size | no metadata.total_size",
                "weight_map | weights | no weight_map",
                FIRST + " | ../" + FIRST + " | \"a\": its file in the index is not a plain name",
                "{ | [ | not valid JSON",
            })
    void aDamagedIndexIsExplained(String from, String to, String message) throws IOException {
        write(folder, twoTensors(), 600);
        Path index = folder.resolve(ShardIndex.indexName(NAME));
        String text = Files.readString(index).replaceAll("\\s+", " ");
        String changed = text.replace(from, to);
        assertThat(changed).isNotEqualTo(text);
        Files.write(index, changed.getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> TensorFiles.open(folder, NAME))
                .withMessageContaining(index.toString())
                .withMessageContaining(message);
    }
}
