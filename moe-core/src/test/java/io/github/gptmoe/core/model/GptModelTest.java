package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GptModelTest {
    static ModelConfig config(List<Integer> experts, boolean residual) {
        return new ModelConfig(4, 16, 2, 12, 50, experts, 2, residual, null, null, null, null, null, null, 0.2);
    }

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void cachedStepsGiveTheLogitsOfTheWholeSequence() {
        GptModel model = new GptModel(config(List.of(2, 4), true));
        try (NDManager owner = NDManager.newBaseManager()) {
            model.initialize(owner, 7);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            NDArray idsBL = owner.create(new long[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8}, new Shape(2, 6));
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            NDArray wholeBLV = model.head()
                    .run(weights, model.hidden(weights, idsBL, context, (block, output) -> {}), context)
                    .hiddenBLD();
            KeyValueCache cache = new KeyValueCache(owner, model.config(), 2, 12, Precision.FP32);
            model.nextLogits(weights, idsBL.get(":, 0:3"), context, cache);
            for (int at = 3; at < 6; at++) {
                NDArray lastBV = model.nextLogits(weights, idsBL.get(":, " + at + ":" + (at + 1)), context, cache);
                float[] expected = wholeBLV.get(":, " + at).toFloatArray();
                float[] actual = lastBV.toFloatArray();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(actual[i]).isCloseTo(expected[i], within(2e-5f));
                }
            }
        }
    }
}
