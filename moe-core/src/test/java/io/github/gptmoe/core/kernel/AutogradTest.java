package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutogradTest {
    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void vjpReturnsInputGradientsAndAddsParameterGradients() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = Autograd.leaf(scope, scope.create(new float[] {1, 2, 3}));
            NDArray w = Autograd.leaf(scope, scope.create(new float[] {4, 5, 6}));
            NDArray idle = Autograd.leaf(scope, scope.create(new float[] {7, 8, 9}));
            NDArray intoW = scope.create(new float[] {100, 100, 100});
            NDArray intoIdle = scope.create(new float[] {5, 5, 5});
            NDArray y = Autograd.recording(() -> x.mul(w).mul(x));
            NDList grads = Autograd.vjp(
                    scope,
                    new NDList(y),
                    new NDList(scope.create(new float[] {1, 10, 100})),
                    new NDList(x),
                    new NDList(w, idle),
                    new NDList(intoW, intoIdle));
            assertThat(grads.get(0).toFloatArray()).containsExactly(8f, 200f, 3600f);
            assertThat(intoW.toFloatArray()).containsExactly(101f, 140f, 1000f);
            assertThat(intoIdle.toFloatArray()).containsExactly(5f, 5f, 5f);
        }
    }

    @Test
    void outsideRecordingNothingIsRecorded() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = Autograd.leaf(scope, scope.create(new float[] {2}));
            assertThat(x.mul(x).hasGradient()).isFalse();
        }
    }

    @Test
    void bf16RoundsToNearestAndStorageIsReadable() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = scope.create(new float[] {1f, 1.00390625f, -3.1415927f});
            NDArray low = Precision.BF16.cast(scope, x);
            assertThat(Precision.of(low)).isEqualTo(Precision.BF16);
            assertThat(Precision.of(x)).isEqualTo(Precision.FP32);
            assertThat(TensorStorage.of(low, 6).get(0).getShort(0)).isEqualTo((short) 0x3f80);
            assertThat(Precision.FP32.cast(scope, low).toFloatArray()[2]).isCloseTo(-3.140625f, within(0f));
            NDArray zeros = Precision.BF16.zeros(scope, new Shape(2, 3));
            assertThat(zeros.getShape()).isEqualTo(new Shape(2, 3));
            assertThat(Precision.FP32.cast(scope, zeros).sum().getFloat()).isZero();
        }
    }
}
