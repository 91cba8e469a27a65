package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KernelModuleTest {
    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void anEmptyListIsRefused() {
        try (NDManager scope = NDManager.newBaseManager()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OptimizerKernels.normSquared(scope, new NDList()))
                    .withMessageContaining("norm_squared")
                    .withMessageContaining("empty list");
        }
    }

    @Test
    void anArgumentOfAForeignTypeIsRefused() {
        try (NDManager scope = NDManager.newBaseManager()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KernelModule.instance().call("leaf", scope, "text"))
                    .withMessageContaining("String");
        }
    }

    @Test
    void resultsBelongToTheScopeAndNothingElseIsLeft() {
        try (NDManager owner = NDManager.newBaseManager()) {
            NDArray xTD = owner.ones(new Shape(4, 3));
            NDList norm = new NDList(owner.ones(new Shape(3)), owner.zeros(new Shape(3)));
            NDList grads = new NDList(owner.ones(new Shape(3)));
            int before = owner.getManagedArrays().size();
            for (int round = 0; round < 20; round++) {
                try (NDManager scope = owner.newSubManager()) {
                    NormKernels.Recorded recorded = NormKernels.layerNorm(scope, xTD, norm);
                    NDArray y = recorded.y();
                    assertThat(y.getManager()).isSameAs(scope);
                    NDArray squared = OptimizerKernels.normSquared(scope, grads);
                    Precision.of(xTD);
                    Precision.copy(xTD, y);
                    OptimizerKernels.zero(grads);
                    assertThat(scope.getManagedArrays())
                            .containsExactlyInAnyOrder(y, recorded.mean(), recorded.reciprocalStd(), squared);
                }
            }
            assertThat(owner.getManagedArrays()).hasSize(before);
        }
    }

    @Test
    void aMissingKernelIsAnErrorThatNamesIt() {
        try (NDManager scope = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> KernelModule.instance().call("no_such_kernel", scope, 1L))
                    .hasMessageContaining("no_such_kernel");
        }
    }

    /** Gradient mode is thread-local, so threads differentiate side by side. */
    @Test
    void threadsDifferentiateAtTheSameTime() throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Future<float[]> first = threads.submit(() -> manyGradients(1));
            Future<float[]> second = threads.submit(() -> manyGradients(2));
            Future<float[]> third = threads.submit(() -> manyGradients(3));
            assertThat(first.get()).containsExactly(2, 4);
            assertThat(second.get()).containsExactly(4, 8);
            assertThat(third.get()).containsExactly(6, 12);
        } finally {
            threads.shutdown();
        }
    }

    private static float[] manyGradients(float factor) {
        KernelModule.enter();
        try (NDManager owner = NDManager.newBaseManager()) {
            float[] gradient = {};
            for (int round = 0; round < 50; round++) {
                try (NDManager scope = owner.newSubManager()) {
                    NDArray x = Autograd.leaf(scope, scope.create(new float[] {1, 2}));
                    NDArray y = Autograd.recording(() -> x.mul(x).mul(factor));
                    NDArray into = scope.zeros(new Shape(2));
                    Autograd.vjp(
                            scope,
                            new NDList(y),
                            new NDList(scope.ones(new Shape(2))),
                            new NDList(),
                            new NDList(x),
                            new NDList(into));
                    gradient = into.toFloatArray();
                }
            }
            return gradient;
        }
    }
}
