package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.optim.ParameterShard;
import io.github.gptmoe.train.optim.StateShard;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateBytesTest {
    private static final int LOW_BYTES = 2;

    /** An array of a type that DJL does not know is BF16. */
    private static long bytes(NDArray array) {
        int element = switch (array.getDataType()) {
            case FLOAT32 -> Float.BYTES;
            case UINT8 -> 1;
            default -> LOW_BYTES;
        };
        return array.getShape().size() * element;
    }

    private static long bytes(NDList arrays) {
        return arrays.stream().mapToLong(StateBytesTest::bytes).sum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fp32 fp32 type=adamw",
                "bf16 bf16 type=adamw",
                "fp16 fp16 type=adamw",
                "fp16 fp32 type=adamw",
                "bf16 fp32 moments=bf16",
                "bf16 fp32 moments=int8",
                "bf16 bf16 masterWeights=none",
                "fp32 fp32 type=sgd",
                "bf16 fp32 type=adafactor"
            })
    void theCountIsWhatTheArraysHold(String precisions) {
        RunConfig config = TinyRun.config(
                "train.precision=" + precisions.split(" ", -1)[0],
                "train.gradientPrecision=" + precisions.split(" ", -1)[1],
                "train.optimizer." + precisions.split(" ", -1)[2]);
        try (TrainingSetup setup = TrainingSetup.of(config)) {
            long weights = 0;
            long gradients = 0;
            for (ParameterShard shard : setup.state().shards()) {
                weights += bytes(shard.weights());
                weights += shard.master() != null && shard.low() != null ? bytes(shard.low()) : 0;
                gradients += bytes(shard.gradient());
            }
            long optimizer = bytes(new NDList(
                    setup.updates().state().stream().map(StateShard::array).toList()));
            StateBytes counted = StateBytes.of(setup.model(), config.train());
            assertThat(counted).isEqualTo(new StateBytes(weights, gradients, optimizer));
            assertThat(counted.total()).isEqualTo(counted.weights() + counted.gradients() + counted.optimizer());
        }
    }
}
