package io.github.gptmoe.core.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.HeldMemory;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ExpertExchange;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.core.model.WeightStore;
import io.github.gptmoe.router.LargeMarginConfig;
import io.github.gptmoe.router.RouterConfig;
import io.github.gptmoe.router.Top1Config;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Counts the arrays that a recorded block holds; what only autograd holds is not among them. */
class ActivationCountTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 80;
    private static final int DENSE_BLOCK = 0;
    private static final int MOE_BLOCK = 1;

    private static final Map<String, RouterConfig> ROUTERS = Map.of(
            "top1", new Top1Config(0.01, 0.0, 0.0, 0.02),
            "z-loss", new Top1Config(0.01, 0.1, 0.0, 0.02),
            "jitter", new Top1Config(0.01, 0.0, 0.1, 0.02),
            "large-margin", new LargeMarginConfig(0.01, 0.1, 0.0, 0.02, "2", 0.5, 0.01, 0L, 2));

    private static ModelConfig model(String router, boolean residual, double capacity) {
        return new ModelConfig(
                2,
                64,
                4,
                LENGTH,
                48,
                List.of(6),
                2,
                residual,
                ROUTERS.get(router),
                capacity,
                null,
                null,
                null,
                null,
                0.02);
    }

    private static StepShape shape(Precision precision, String attention, int expertRanks) {
        return new StepShape(
                SEQUENCES,
                LENGTH,
                precision,
                precision,
                NamedAttention.of(attention).orElseThrow(),
                false,
                expertRanks);
    }

    /** Bytes that recording a block adds. */
    private static long recorded(ModelConfig config, int block, StepShape shape, @Nullable ExpertExchange exchange) {
        KernelModule.enter();
        try (NDManager owner = NDManager.newBaseManager(Device.cpu())) {
            GptModel model = new GptModel(config);
            model.initialize(owner, 7);
            WeightStore weights = new WeightStore(owner, model, shape.precision());
            NDArray xBLD =
                    shape.precision().cast(owner, owner.randomNormal(new Shape(SEQUENCES, LENGTH, config.hidden())));
            NDManager scope = owner.newSubManager();
            StageContext context = new StageContext(
                    scope,
                    shape.precision(),
                    true,
                    1,
                    1,
                    null,
                    shape.attention().form(),
                    exchange);
            long before = HeldMemory.bytes(owner);
            model.blocks().get(block).record(weights, xBLD, context);
            return HeldMemory.bytes(owner) - before;
        }
    }

    private static long visible(ModelConfig model, StepShape shape, BlockActivations count) {
        return count.total() - count.routerGraph() - ActivationCount.attentionGraph(model, shape);
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, block-64",
        "FP32, block-128",
        "FP32, fused",
        "FP32, sdpa",
        "BF16, block-64",
        "BF16, block-256",
        "BF16, fused",
        "BF16, sdpa"
    })
    void denseBlocks(Precision precision, String attention) {
        ModelConfig model = model("top1", false, 0);
        StepShape shape = shape(precision, attention, 1);
        assertThat(visible(model, shape, ActivationCount.ofBlock(model, DENSE_BLOCK, shape)))
                .isEqualTo(recorded(model, DENSE_BLOCK, shape, null));
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, top1, false, 0",
        "FP32, top1, true, 0",
        "FP32, top1, false, 1.2",
        "FP32, z-loss, false, 0",
        "FP32, jitter, false, 0",
        "FP32, large-margin, true, 0",
        "BF16, top1, false, 0",
        "BF16, top1, true, 1.2",
        "BF16, z-loss, false, 0",
        "BF16, large-margin, false, 0"
    })
    void blocksWithExperts(Precision precision, String router, boolean residual, double capacity) {
        ModelConfig model = model(router, residual, capacity);
        StepShape shape = shape(precision, "block-64", 1);
        BlockActivations count = ActivationCount.ofBlock(model, MOE_BLOCK, shape);
        assertThat(visible(model, shape, count)).isEqualTo(recorded(model, MOE_BLOCK, shape, null));
        assertThat(count.routerGraph()).isPositive();
        assertThat(count.exchange()).isZero();
    }

    /** Another rank that wants of every expert what this one wants. */
    private static final class Mirror implements ExpertExchange {
        private long received;

        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int size() {
            return 2;
        }

        @Override
        public long[][] counts(long[] ownE) {
            return new long[][] {ownE, ownE};
        }

        @Override
        public NDArray exchange(NDManager scope, NDArray rowsSD, long[] sentX, long[] receivedX) {
            long rows = Arrays.stream(receivedX).sum();
            if (received == 0) {
                received = rows; // the first exchange brings the tokens
            }
            return Precision.of(rowsSD)
                    .zeros(scope, new Shape(rows, rowsSD.getShape().get(1)));
        }
    }

    @ParameterizedTest
    @CsvSource({"FP32, false", "FP32, true", "BF16, false"})
    void dividedExperts(Precision precision, boolean residual) {
        ModelConfig model = model("top1", residual, 0);
        StepShape shape = shape(precision, "block-64", 2);
        Mirror mirror = new Mirror();
        long bytes = recorded(model, MOE_BLOCK, shape, mirror);
        BlockActivations count = ActivationCount.ofBlock(model, MOE_BLOCK, shape, mirror.received);
        assertThat(visible(model, shape, count)).isEqualTo(bytes);
        assertThat(count.exchange()).isPositive();
    }
}
