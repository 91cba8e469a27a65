package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.router.LargeMarginConfig;
import io.github.gptmoe.router.RouterConfig;
import io.github.gptmoe.router.Top1Config;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * DJL wraps Java buffers instead of copying them. Whatever autograd keeps for backward must not lie in one: a garbage
 * collection between forward and backward would free it.
 */
class GarbageCollectionTest {
    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    static List<RouterConfig> routers() {
        return List.of(
                new Top1Config(0.5, 0.1, 0.01, 0.3), new LargeMarginConfig(0.5, 0.1, 0.01, 0.3, "2", 2.0, 0.5, 10L, 2));
    }

    @ParameterizedTest
    @MethodSource("routers")
    void gradientsSurviveACollectionBetweenForwardAndBackward(RouterConfig router) {
        assertThat(gradients(router, true).equals(gradients(router, false))).isTrue();
    }

    private static List<FloatBuffer> gradients(RouterConfig router, boolean collect) {
        ModelConfig config =
                new ModelConfig(2, 8, 2, 8, 20, List.of(4), 2, true, router, null, null, null, null, null, 0.3);
        GptModel model = new GptModel(config);
        try (NDManager owner = NDManager.newBaseManager()) {
            model.initialize(owner, 3);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            DecoderStage block = model.blocks().get(1);
            NDArray x = owner.arange(64f).sin().reshape(new Shape(1, 8, 8));
            Recorded recorded = block.record(weights, x, new StageContext(owner, Precision.FP32, true, 5, 9, null));
            List<ByteBuffer> garbage = collect ? overwriteFreedBuffers() : List.of();
            ZeroedStore store = new ZeroedStore(owner);
            NDArray grad = recorded.backward(owner.ones(new Shape(1, 8, 8)), new BackwardContext(owner, 1, store));
            assertThat(garbage).hasSize(collect ? 30_000 : 0);
            List<FloatBuffer> values = new ArrayList<>();
            values.add(FloatBuffer.wrap(grad.toFloatArray()));
            store.arrays(block.modelParameters()).forEach(array -> values.add(FloatBuffer.wrap(array.toFloatArray())));
            return values;
        }
    }

    /** Frees what nothing holds and fills memory of the same sizes with NaN. */
    private static List<ByteBuffer> overwriteFreedBuffers() {
        List<ByteBuffer> garbage = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            System.gc();
            System.runFinalization();
            for (int i = 0; i < 2000; i++) {
                for (int size : new int[] {4, 8, 32, 64, 256}) {
                    ByteBuffer buffer = ByteBuffer.allocateDirect(size);
                    while (buffer.hasRemaining()) {
                        buffer.put((byte) 0xff);
                    }
                    garbage.add(buffer);
                }
            }
        }
        return garbage;
    }
}
