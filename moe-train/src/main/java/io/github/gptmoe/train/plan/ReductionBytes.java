package io.github.gptmoe.train.plan;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.sharding.Bucket;
import io.github.gptmoe.train.sharding.ExpertRange;
import io.github.gptmoe.train.sharding.Layout;
import java.util.HashMap;
import java.util.Map;

/**
 * Temporaries of the sums over ranks. Threads of one process share them: an FP32 sum, and without ZeRO its rounded copy. NCCL's own
 * buffers are its own.
 *
 * @param byStage bytes for each rank, by name of the stage; of its buckets one at a time
 */
record ReductionBytes(Map<String, Long> byStage) {
    static ReductionBytes of(GptModel model, TrainConfig train, PlanTarget target) {
        if (target.gpu() || target.devices() == 1) {
            return new ReductionBytes(Map.of());
        }
        Precision gradient = Precision.named(train.gradientPrecision());
        Map<String, Long> bytes = new HashMap<>();
        Layout layout =
                Layout.of(model, train.zeroStage(), target.devices(), new ExpertRange(0, train.expertParallel()));
        for (Bucket bucket : layout.buckets()) {
            int sharers = bucket.experts() ? target.devices() / train.expertParallel() : target.devices();
            if (sharers > 1) {
                long sum = bucket.plan().shardSize() * Precision.FP32.bytes();
                long copy = train.zeroStage() > 0
                        ? 0
                        : bucket.plan().fullSize() * bucket.precision(gradient).bytes();
                bytes.merge(bucket.stage(), (sum + copy) / sharers, Math::max);
            }
        }
        return new ReductionBytes(bytes);
    }

    long ofStage(String stage) {
        return byStage.getOrDefault(stage, 0L);
    }
}
