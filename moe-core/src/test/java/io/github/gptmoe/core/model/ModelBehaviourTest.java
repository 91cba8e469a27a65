package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.AttentionKernels;
import io.github.gptmoe.core.kernel.BlockCausalAttention;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.naive.Samples;
import io.github.gptmoe.router.Routing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelBehaviourTest {
    private static final int LENGTH = 6;
    private static final int D = 16;
    private static final int V = 20;
    private static final long[] IDS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    /** Logits, and what the routers decided, of one evaluation. */
    private record Evaluation(double[] logits, List<long[]> expertIds, List<Float> losses) {}

    private static Evaluation evaluate(
            NDManager owner, GptModel model, Precision precision, long[] ids, float @Nullable [] valid) {
        try (NDManager scope = owner.newSubManager()) {
            WeightStore weights = new WeightStore(scope, model, precision);
            StageContext context =
                    StageContext.evaluation(scope, precision).withValid(valid == null ? null : scope.create(valid));
            List<long[]> expertIds = new ArrayList<>();
            List<Float> losses = new ArrayList<>();
            NDArray idsBL = scope.create(ids, new Shape(2, LENGTH));
            NDArray hiddenBLD = model.hidden(weights, idsBL, context, (block, output) -> {
                Routing routing = output.routing();
                if (routing != null) {
                    expertIds.add(routing.expertIdsT().toLongArray());
                    losses.add(routing.balanceLoss().getFloat());
                    losses.add(routing.zLoss().getFloat());
                    losses.add(routing.auxiliaryLoss().getFloat());
                }
            });
            NDArray logits = model.head().run(weights, hiddenBLD, context).hiddenBLD();
            return new Evaluation(Samples.doubles(logits.toFloatArray()), expertIds, losses);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void evaluationIsTheSameBitForBitTwice(Precision precision) {
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, Models.config(4, D, List.of(2, 4), true, 0.75), 5);
            Evaluation first = evaluate(owner, model, precision, IDS, null);
            Evaluation second = evaluate(owner, model, precision, IDS, null);
            assertThat(second.logits()).isEqualTo(first.logits());
            assertThat(second.losses()).isEqualTo(first.losses()).doesNotContain(0f);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.75})
    void paddingVisitsNoExpertAndChangesNothing(double capacity) {
        float[] valid = {1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0};
        long[] padded = IDS.clone();
        for (int t = 0; t < valid.length; t++) {
            padded[t] = valid[t] == 0 ? (IDS[t] + 7) % V : IDS[t];
        }
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, Models.config(4, D, List.of(2, 4), true, capacity), 5);
            Evaluation first = evaluate(owner, model, Precision.FP32, IDS, valid);
            Evaluation second = evaluate(owner, model, Precision.FP32, padded, valid);
            assertThat(second.losses()).isEqualTo(first.losses());
            for (int t = 0; t < valid.length; t++) {
                assertThat(first.expertIds().get(0)[t] == 2).isEqualTo(valid[t] == 0);
                assertThat(first.expertIds().get(1)[t] == 4).isEqualTo(valid[t] == 0);
                if (valid[t] == 1) {
                    assertThat(row(second.logits(), t)).isEqualTo(row(first.logits(), t));
                } else {
                    assertThat(row(second.logits(), t)).isNotEqualTo(row(first.logits(), t));
                }
            }
            // Without the mask the same change reaches the losses.
            assertThat(evaluate(owner, model, Precision.FP32, padded, null).losses())
                    .isNotEqualTo(
                            evaluate(owner, model, Precision.FP32, IDS, null).losses());
        }
    }

    private static double[] row(double[] logits, int token) {
        return Arrays.copyOfRange(logits, token * V, (token + 1) * V);
    }

    @ParameterizedTest
    @CsvSource({"FP32, false", "FP32, true", "BF16, false", "BF16, true", "FP16, false", "FP16, true"})
    void aLaterTokenChangesNoEarlierOutput(Precision precision, boolean experts) {
        ModelConfig config = Models.config(4, D, experts ? List.of(2, 4) : List.of(), experts, 0);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            double[] before = evaluate(owner, model, precision, IDS, null).logits();
            for (int changed : new int[] {0, 3, LENGTH - 1}) {
                long[] ids = IDS.clone();
                ids[changed] = (ids[changed] + 1) % V;
                double[] after = evaluate(owner, model, precision, ids, null).logits();
                for (int t = 0; t < 2 * LENGTH; t++) {
                    boolean mayChange = t >= changed && t < LENGTH;
                    if (mayChange) {
                        assertThat(row(after, t)).isNotEqualTo(row(before, t));
                    } else if (precision == Precision.FP32) {
                        // Other segment sizes of the experts may sum in another order.
                        assertThat(row(after, t)).containsExactly(row(before, t), within(1e-5));
                    } else if (!experts) {
                        assertThat(row(after, t)).isEqualTo(row(before, t));
                    }
                }
            }
        }
    }

    @Test
    void aTokenBeyondTheCapacityKeepsOnlyTheResidualStream() {
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, Models.config(2, D, List.of(4), false, 0.5), 5);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            DecoderStage stage = model.blocks().get(1);
            NDArray xBLD = owner.create(Samples.floats(Samples.normal(6, 12 * D, 1)), new Shape(2, LENGTH, D));
            StageOutput output = stage.run(weights, xBLD, StageContext.evaluation(owner, Precision.FP32));
            NDList attention = new NDList(stage.weights(weights, owner).subList(0, 6));
            float[] before = AttentionKernels.run(owner, xBLD, attention, 2, new BlockCausalAttention(128))
                    .toFloatArray();
            float[] after = output.hiddenBLD().toFloatArray();
            long[] kept = output.keptIdsT().toLongArray();
            long[] routed = output.routing().expertIdsT().toLongArray();
            int dropped = 0;
            for (int t = 0; t < kept.length; t++) {
                float[] rowBefore = Arrays.copyOfRange(before, t * D, (t + 1) * D);
                float[] rowAfter = Arrays.copyOfRange(after, t * D, (t + 1) * D);
                if (kept[t] == 4) {
                    dropped++;
                    assertThat(routed[t]).isLessThan(4);
                    assertThat(rowAfter).isEqualTo(rowBefore);
                } else {
                    assertThat(kept[t]).isEqualTo(routed[t]);
                    assertThat(rowAfter).isNotEqualTo(rowBefore);
                }
            }
            // 12 tokens, 4 experts, factor 0.5: two places an expert, eight in all.
            assertThat(dropped).isBetween(4, 10);
        }
    }

    @Test
    void evaluationLeavesNoArraysBehind() {
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, Models.config(2, D, List.of(4), true, 0), 5);
            evaluate(owner, model, Precision.FP32, IDS, null);
            int arrays = owner.getManagedArrays().size();
            for (int round = 0; round < 8; round++) {
                evaluate(owner, model, Precision.BF16, IDS, null);
            }
            assertThat(owner.getManagedArrays()).hasSize(arrays);
        }
    }
}
