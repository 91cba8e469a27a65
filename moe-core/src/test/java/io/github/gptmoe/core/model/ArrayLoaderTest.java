package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.naive.Samples;
import io.github.gptmoe.core.safetensors.SafetensorsWriter;
import io.github.gptmoe.core.safetensors.ShardIndex;
import io.github.gptmoe.core.safetensors.ShardSplit;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArrayLoaderTest {
    private static final String NAME = "weights.safetensors";

    @TempDir
    Path folder;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    private void write(List<TensorSource> tensors, long maxBytes) throws IOException {
        ShardSplit split = ShardSplit.of(NAME, Map.of(), tensors, maxBytes);
        for (int i = 0; i < split.shards().size(); i++) {
            SafetensorsWriter.write(
                    folder.resolve(split.fileName(i)), Map.of(), split.shards().get(i));
        }
        if (split.isSplit()) {
            Files.write(
                    folder.resolve(ShardIndex.indexName(NAME)),
                    split.index(Map.of()).encode());
        }
    }

    private static float[] rounded(float[] values, boolean round) {
        float[] result = values.clone();
        for (int i = 0; round && i < result.length; i++) {
            result[i] = Samples.roundToBf16(result[i]);
        }
        return result;
    }

    private static float[] read(NDManager scope, NDArray array) {
        return Precision.FP32.cast(scope, array).toFloatArray();
    }

    /** Shapes, ranges, file sizes and precisions at random: every part is what it is in the whole. */
    @ParameterizedTest
    @CsvSource({
        "FP32, FP32, 1, false",
        "BF16, BF16, 3, false",
        "BF16, FP32, 2, false",
        "FP32, BF16, 4, false",
        "FP32, FP32, 3, true",
        "BF16, BF16, 1, true",
        "BF16, FP32, 4, true",
        "FP32, BF16, 2, true"
    })
    void partsAreThoseOfTheWhole(Precision stored, Precision wanted, int threads, boolean pastCache)
            throws IOException {
        Random random = new Random(11L + threads);
        Map<String, float[]> values = new LinkedHashMap<>();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        try (NDManager scope = NDManager.newBaseManager()) {
            List<TensorSource> sources = new ArrayList<>();
            for (int i = 0; i < 14; i++) {
                long[] shape = i == 0 ? new long[] {} : new long[] {1 + random.nextInt(60), 1 + random.nextInt(60)};
                int size = (int) new Shape(shape).size();
                float[] content = Samples.floats(Samples.normal(i, size, 1));
                String name = "t" + i;
                values.put(name, rounded(content, stored == Precision.BF16 || wanted == Precision.BF16));
                shapes.put(name, shape);
                sources.add(ArrayFile.source(name, stored.cast(scope, scope.create(content, new Shape(shape)))));
            }
            write(sources, 8_000);
            try (TensorFiles files = TensorFiles.open(folder, NAME)) {
                assertThat(files.files()).hasSizeGreaterThan(2);
                ArrayLoader loader = new ArrayLoader(threads, file -> pastCache);
                Map<String, NDArray> whole = new LinkedHashMap<>();
                List<NDArray> parts = new ArrayList<>();
                List<float[]> expected = new ArrayList<>();
                for (String name : values.keySet()) {
                    NDArray array = wanted.zeros(scope, new Shape(shapes.get(name)));
                    whole.put(name, array);
                    loader.add(files, name, array);
                    for (int i = 0; i < 6; i++) {
                        int size = values.get(name).length;
                        int from = random.nextInt(size);
                        int count = 1 + random.nextInt(size - from);
                        NDArray part = wanted.zeros(scope, new Shape(count));
                        NDArray alone = wanted.zeros(scope, new Shape(count));
                        loader.add(files, name, shapes.get(name), from, part);
                        ArrayLoads.load(files, name, shapes.get(name), from, alone);
                        float[] slice = Arrays.copyOfRange(values.get(name), from, from + count);
                        assertThat(read(scope, alone)).containsExactly(slice);
                        parts.add(part);
                        expected.add(slice);
                    }
                }
                loader.load();
                whole.forEach(
                        (name, array) -> assertThat(read(scope, array)).as(name).containsExactly(values.get(name)));
                for (int i = 0; i < parts.size(); i++) {
                    assertThat(Precision.of(parts.get(i))).isEqualTo(wanted);
                    assertThat(read(scope, parts.get(i))).containsExactly(expected.get(i));
                }
            }
        }
    }

    /** Longer than a piece and than a chunk, so that several threads share it, and with a rest. */
    @ParameterizedTest
    @CsvSource({"FP32, FP32, false", "BF16, FP32, false", "FP32, BF16, false", "FP32, FP32, true", "FP32, BF16, true"})
    void threadsShareALargeTensor(Precision stored, Precision wanted, boolean pastCache) throws IOException {
        int size = (int) (9 * StoredRange.CHUNK + 12_345);
        int from = (int) StoredRange.CHUNK - 7;
        float[] content = new float[size];
        for (int i = 0; i < size; i++) {
            content[i] = Float.intBitsToFloat(0x3f80_0000 | ((i * 97) & 0x7f) << 16); // exact in BF16
        }
        try (NDManager scope = NDManager.newBaseManager()) {
            write(List.of(ArrayFile.source("w", stored.cast(scope, scope.create(content)))), Long.MAX_VALUE);
            NDArray whole = wanted.empty(scope, new Shape(size));
            NDArray part = wanted.empty(scope, new Shape(size - from - 3));
            int arrays = scope.getManagedArrays().size();
            try (TensorFiles files = TensorFiles.open(folder, NAME)) {
                ArrayLoader loader = new ArrayLoader(4, file -> pastCache);
                loader.add(files, "w", whole);
                loader.add(files, "w", new long[] {size}, from, part);
                loader.load();
            }
            assertThat(scope.getManagedArrays()).hasSize(arrays);
            assertThat(Arrays.equals(read(scope, whole), content)).isTrue();
            assertThat(Arrays.equals(read(scope, part), Arrays.copyOfRange(content, from, size - 3)))
                    .isTrue();
        }
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray array = scope.arange(15f).reshape(3, 5);
            write(List.of(ArrayFile.source("w", array)), Long.MAX_VALUE);
            try (TensorFiles files = TensorFiles.open(folder, NAME)) {
                long[] shape = {3, 5};
                assertThatIOException()
                        .isThrownBy(() -> ArrayLoads.load(files, "w", new long[] {5, 3}, 0, scope.ones(new Shape(2))))
                        .withMessageContaining("[3, 5]")
                        .withMessageContaining("(5, 3)");
                assertThatIOException()
                        .isThrownBy(() -> ArrayLoads.load(files, "absent", shape, 0, scope.ones(new Shape(2))))
                        .withMessageContaining("absent");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> ArrayLoads.load(files, "w", shape, 14, scope.ones(new Shape(2))))
                        .withMessageContaining("2 elements from 14 on");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> ArrayLoads.load(files, "w", shape, -1, scope.ones(new Shape(2))));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> ArrayLoads.load(
                                files, "w", scope.ones(new Shape(5, 3)).transpose()))
                        .withMessageContaining("not contiguous");
                NDArray empty = scope.zeros(new Shape(0));
                ArrayLoads.load(files, "w", shape, 15, empty);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, has shrunk", "true, ends before byte"})
    void aFileThatShrinksWhileItIsReadEndsTheLoad(boolean pastCache, String message) throws IOException {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray array = scope.ones(new Shape(1000));
            write(List.of(ArrayFile.source("w", array)), Long.MAX_VALUE);
            try (TensorFiles files = TensorFiles.open(folder, NAME)) {
                ArrayLoader loader = new ArrayLoader(3, file -> pastCache);
                loader.add(files, "w", array);
                Files.write(folder.resolve(NAME), new byte[500]);
                assertThatIOException().isThrownBy(loader::load).withMessageContaining(message);
            }
        }
    }

    /** The way to a GPU, whose memory cannot be read into. */
    @Test
    void bytesOfTheSamePrecisionMayTakeAWayRound() throws IOException {
        int[] bytes = new Random(3).ints(1000, 0, 256).toArray();
        float[] numbers = Samples.floats(Samples.normal(4, 1000, 1));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray u8 = manager.create(bytes).toType(DataType.UINT8, true);
            NDArray bf16 = Precision.BF16.cast(manager, manager.create(numbers));
            write(List.of(ArrayFile.source("u8", u8), ArrayFile.source("bf16", bf16)), Long.MAX_VALUE);
            try (TensorFiles files = TensorFiles.open(folder, NAME)) {
                NDArray intoU8 = manager.zeros(u8.getShape(), DataType.UINT8);
                StoredRange range = StoredRange.whole(files.locate("u8"), intoU8);
                range.readThroughTemporary(0, 400, range.throughCache());
                range.readThroughTemporary(400, 1000, range.throughCache());
                assertThat(intoU8.toType(DataType.INT32, true).toIntArray()).isEqualTo(bytes);
                NDArray intoBf16 = Precision.BF16.zeros(manager, bf16.getShape());
                StoredRange low = StoredRange.whole(files.locate("bf16"), intoBf16);
                low.readThroughTemporary(0, 1000, low.throughCache());
                assertThat(read(manager, intoBf16)).isEqualTo(read(manager, bf16));
            }
        }
    }
}
