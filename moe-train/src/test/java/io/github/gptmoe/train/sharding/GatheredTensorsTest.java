package io.github.gptmoe.train.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.safetensors.TensorSource;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.optim.StateShard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatheredTensorsTest {
    private static final Shape WHOLE = new Shape(2, 3);
    private static final float[] VALUES = {1, 2, 3, 4, 5, 6};

    /** What rank 0 writes when rank r has as many elements as {@code lengths[r]}, which may be none. */
    private static Map<String, List<Float>> written(int... lengths) {
        List<ProcessGroup> groups = InProcessGroup.of(lengths.length, Duration.ofSeconds(20));
        return Ranks.run(
                lengths.length,
                rank -> {
                    KernelModule.enter();
                    try (NDManager owner = NDManager.newBaseManager()) {
                        GatheredTensors tensors =
                                GatheredTensors.of(owner, groups.get(rank), own(owner, rank, lengths));
                        if (rank > 0) {
                            assertThat(tensors.serve()).isTrue();
                            return Map.of();
                        }
                        try (tensors) {
                            Map<String, List<Float>> read = read(tensors);
                            tensors.succeeded();
                            return read;
                        }
                    }
                },
                (rank, cause) -> groups.get(rank).fail(cause),
                stacks -> {});
    }

    private static List<StateShard> own(NDManager owner, int rank, int... lengths) {
        int from = 0;
        for (int before = 0; before < rank; before++) {
            from += lengths[before];
        }
        if (lengths[rank] == 0) {
            return List.of();
        }
        float[] part = Arrays.copyOfRange(VALUES, from, from + lengths[rank]);
        return List.of(new StateShard("w", WHOLE, from, owner.create(part)));
    }

    private static Map<String, List<Float>> read(GatheredTensors tensors) {
        Map<String, List<Float>> read = new TreeMap<>();
        for (TensorSource source : tensors.sources()) {
            List<Float> values = new ArrayList<>();
            try {
                source.writeTo(bytes -> {
                    ByteBuffer little = bytes.order(ByteOrder.LITTLE_ENDIAN);
                    while (little.hasRemaining()) {
                        values.add(little.getFloat());
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            read.put(source.name(), values);
        }
        return read;
    }

    @ParameterizedTest
    @ValueSource(strings = {"6", "2 4", "6 0", "0 6", "1 0 5", "0 0 6"})
    void rankZeroWritesWhatTheOthersHave(String lengths) {
        int[] parsed = Arrays.stream(lengths.split(" ", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
        assertThat(written(parsed)).isEqualTo(Map.of("w", List.of(1f, 2f, 3f, 4f, 5f, 6f)));
    }

    /** Moments of one byte and weights of two go over a group as they are. */
    @Test
    void everyTypeIsGathered() {
        List<ProcessGroup> groups = InProcessGroup.of(3, Duration.ofSeconds(20));
        Map<String, List<Integer>> written = Ranks.run(
                3,
                rank -> {
                    KernelModule.enter();
                    try (NDManager owner = NDManager.newBaseManager()) {
                        GatheredTensors tensors = GatheredTensors.of(owner, groups.get(rank), smallTypes(owner, rank));
                        if (rank > 0) {
                            assertThat(tensors.serve()).isTrue();
                            return Map.of();
                        }
                        try (tensors) {
                            Map<String, List<Integer>> read = readBytes(tensors);
                            tensors.succeeded();
                            return read;
                        }
                    }
                },
                (rank, cause) -> groups.get(rank).fail(cause),
                stacks -> {});
        // 1, -2 and 3 are 3f80, c000 and 4040 in BF16; low bytes come first.
        assertThat(written)
                .isEqualTo(Map.of("bf16", List.of(0x80, 0x3f, 0x00, 0xc0, 0x40, 0x40), "u8", List.of(0, 255, 128)));
    }

    /** The first element on rank 0, none on rank 1, the rest on rank 2. */
    private static List<StateShard> smallTypes(NDManager owner, int rank) {
        if (rank == 1) {
            return List.of();
        }
        int from = rank == 0 ? 0 : 1;
        int to = rank == 0 ? 1 : 3;
        NDArray low = owner.create(Arrays.copyOfRange(new float[] {1, -2, 3}, from, to));
        NDArray bytes = owner.create(Arrays.copyOfRange(new int[] {0, 255, 128}, from, to));
        Shape shape = new Shape(3);
        return List.of(
                new StateShard("bf16", shape, from, Precision.BF16.cast(owner, low)),
                new StateShard("u8", shape, from, bytes.toType(DataType.UINT8, true)));
    }

    private static Map<String, List<Integer>> readBytes(GatheredTensors tensors) {
        Map<String, List<Integer>> read = new TreeMap<>();
        for (TensorSource source : tensors.sources()) {
            List<Integer> values = new ArrayList<>();
            try {
                source.writeTo(bytes -> {
                    while (bytes.hasRemaining()) {
                        values.add(Byte.toUnsignedInt(bytes.get()));
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            read.put(source.name(), values);
        }
        return read;
    }

    @Test
    void whatNobodyHasIsNotMadeUp() {
        assertThatThrownBy(() -> written(2, 3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("w of shape (2, 3) is not complete: elements from 5 on");
    }
}
