package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.model.ArrayFile;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TensorStorageTest {
    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void theBufferIsTheArraysMemory() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray array = scope.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
            List<ByteBuffer> buffers = TensorStorage.of(array, 24);
            assertThat(buffers).hasSize(1);
            ByteBuffer buffer = buffers.get(0);
            assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(buffer.remaining()).isEqualTo(24);
            assertThat(buffer.getFloat(16)).isEqualTo(5);
            buffer.putFloat(16, -7);
            assertThat(array.toFloatArray()).containsExactly(1, 2, 3, 4, -7, 6);
            Precision.copy(array, scope.create(new float[] {9, 8, 7, 6, 5, 4}, new Shape(2, 3)));
            assertThat(buffer.getFloat(0)).isEqualTo(9);
        }
    }

    @Test
    void bf16BitsAreTheUpperHalvesOfFp32() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray low = Precision.BF16.zeros(scope, new Shape(3));
            ByteBuffer buffer = TensorStorage.of(low, 6).get(0);
            buffer.putShort(2, (short) 0xc049);
            assertThat(Precision.FP32.cast(scope, low).toFloatArray()).containsExactly(0f, -3.140625f, 0f);
        }
    }

    @Test
    void bitsAreTheArraysMemoryAndOutliveIt() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray array = scope.create(new float[] {1, -2});
            NDArray bits = TensorStorage.bits(array, 3);
            assertThat(bits.getDataType()).isEqualTo(DataType.INT32);
            assertThat(bits.toIntArray()).containsExactly(0x3f800000, 0xc0000000);
            Precision.copy(array, scope.create(new float[] {0.5f, 0}));
            array.close();
            assertThat(bits.toIntArray()).containsExactly(0x3f000000, 0);
            assertThat(scope.getManagedArrays()).contains(bits);
        }
    }

    @Test
    void anEmptyArrayHasNoBuffers() {
        try (NDManager scope = NDManager.newBaseManager()) {
            assertThat(TensorStorage.of(scope.create(new Shape(0, 3)), 0)).isEmpty();
        }
    }

    @Test
    void aViewOfAdjacentRowsIsReadFromItsOwnStart() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray array = scope.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 2));
            ByteBuffer buffer = TensorStorage.of(array.get("1:3"), 16).get(0);
            assertThat(buffer.getFloat(0)).isEqualTo(3);
            assertThat(buffer.getFloat(12)).isEqualTo(6);
        }
    }

    @Test
    void memoryOfAnotherDeviceIsRefused() {
        NDArray array = (NDArray) Proxy.newProxyInstance(
                NDArray.class.getClassLoader(),
                new Class<?>[] {NDArray.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getDevice" -> Device.gpu(1);
                    case "getShape" -> new Shape(2, 3);
                    default -> throw new IllegalStateException(method.getName() + " is not needed to refuse it");
                });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorStorage.range(array, 0, 24))
                .withMessage("an array of shape (2, 3) is on gpu(1), where the host cannot read it; copy it to the CPU"
                        + " first");
        assertThatIllegalArgumentException().isThrownBy(() -> ArrayFile.source("w", array));
    }

    @Test
    void aViewWithGapsIsRefused() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray array = scope.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 2));
            for (NDArray view : new NDArray[] {array.transpose(), array.get(":, 0")}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> TensorStorage.of(view, view.size() * 4))
                        .withMessageContaining("not contiguous");
            }
            // An axis of length 1 has no stride that could matter.
            assertThat(TensorStorage.of(array.get("0:1").transpose(), 8)).hasSize(1);
        }
    }
}
