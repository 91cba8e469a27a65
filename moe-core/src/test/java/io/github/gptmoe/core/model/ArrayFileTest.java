package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.core.naive.Samples;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.SafetensorsWriter;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ArrayFileTest {
    private static final float[] VALUES = Samples.floats(Samples.normal(1, 15, 1));

    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void enter() {
        KernelModule.enter();
        path = folder.resolve("weights.safetensors");
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, FP32",
        "BF16, BF16",
        "FP16, FP16",
        "BF16, FP32",
        "FP32, BF16",
        "FP16, FP32",
        "FP32, FP16",
        "BF16, FP16",
        "FP16, BF16"
    })
    void valuesComeBackInThePrecisionOfTheArray(Precision stored, Precision loaded) throws IOException {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray source = stored.cast(scope, scope.create(VALUES, new Shape(3, 5)));
            NDArray scalar = stored.cast(scope, scope.create(2.5f));
            SafetensorsWriter.write(
                    path, Map.of(), List.of(ArrayFile.source("w", source), ArrayFile.source("scalar", scalar)));
            NDArray into = loaded.zeros(scope, new Shape(3, 5));
            NDArray intoScalar = loaded.cast(scope, scope.create(0f));
            int arrays = scope.getManagedArrays().size();
            try (TensorFiles files = open()) {
                SafetensorType type = switch (stored) {
                    case FP32 -> SafetensorType.F32;
                    case BF16 -> SafetensorType.BF16;
                    case FP16 -> SafetensorType.F16;
                };
                assertThat(files.locate("w").entry().type()).isEqualTo(type);
                assertThat(files.locate("w").entry().shape()).containsExactly(3L, 5L);
                ArrayLoads.load(files, "w", into);
                ArrayLoads.load(files, "scalar", intoScalar);
            }
            float[] expected = rounded(loaded, rounded(stored, VALUES));
            assertThat(scope.getManagedArrays()).hasSize(arrays);
            assertThat(Precision.of(into)).isEqualTo(loaded);
            assertThat(Precision.FP32.cast(scope, into).toFloatArray()).containsExactly(expected);
            assertThat(Precision.FP32.cast(scope, intoScalar).toFloatArray()).containsExactly(2.5f);
        }
    }

    private TensorFiles open() throws IOException {
        return TensorFiles.open(path.getParent(), path.getFileName().toString());
    }

    private static float[] rounded(Precision precision, float[] values) {
        double[] exact = Samples.doubles(values);
        return switch (precision) {
            case FP32 -> values;
            case BF16 -> Samples.floats(Samples.roundToBf16(exact));
            case FP16 -> Samples.floats(Samples.roundToFp16(exact));
        };
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void everyBitPatternSurvives(Precision precision) throws IOException {
        try (NDManager scope = NDManager.newBaseManager()) {
            int bytes = 256 * 256 * precision.bytes();
            NDArray source = precision.zeros(scope, new Shape(256, 256));
            ByteBuffer bits = TensorStorage.of(source, bytes).get(0);
            for (int i = 0; i < bytes; i += 2) {
                bits.putShort(i, (short) (i * 31 / 2));
            }
            SafetensorsWriter.write(path, Map.of(), List.of(ArrayFile.source("w", source)));
            NDArray into = precision.zeros(scope, new Shape(256, 256));
            try (TensorFiles files = open()) {
                ArrayLoads.load(files, "w", into);
            }
            assertThat(TensorStorage.of(into, bytes).get(0)).isEqualTo(bits);
        }
    }

    @Test
    void anotherShapeIsRefusedByName() throws IOException {
        try (NDManager scope = NDManager.newBaseManager()) {
            SafetensorsWriter.write(
                    path, Map.of(), List.of(ArrayFile.source("w", scope.create(VALUES, new Shape(3, 5)))));
            NDArray into = scope.ones(new Shape(5, 3));
            try (TensorFiles files = open()) {
                assertThatIOException()
                        .isThrownBy(() -> ArrayLoads.load(files, "w", into))
                        .withMessageContaining(path.toString())
                        .withMessageContaining("tensor \"w\"")
                        .withMessageContaining("[3, 5]")
                        .withMessageContaining("(5, 3)");
                assertThatIOException()
                        .isThrownBy(() -> ArrayLoads.load(files, "absent", into))
                        .withMessageContaining("absent");
            }
            assertThat(into.toFloatArray()).containsOnly(1);
        }
    }

    @Test
    void anotherTypeIsRefusedByName() throws IOException {
        TensorSource integers =
                TensorSource.of("w", SafetensorType.I64, new long[] {2}, ByteBuffer.allocate(2 * Long.BYTES));
        SafetensorsWriter.write(path, Map.of(), List.of(integers));
        try (NDManager scope = NDManager.newBaseManager();
                TensorFiles files = open()) {
            assertThatIOException()
                    .isThrownBy(() -> ArrayLoads.load(files, "w", scope.ones(new Shape(2))))
                    .withMessageContaining(path.toString())
                    .withMessageContaining("I64");
        }
    }
}
