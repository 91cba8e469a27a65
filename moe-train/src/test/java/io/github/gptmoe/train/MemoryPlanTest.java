package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.HeldMemory;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.pipeline.MicroBatch;
import io.github.gptmoe.train.plan.MemoryPlan;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.sharding.RankGroups;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan beside the arrays that exist after each kernel call of a real step; temporaries inside a call cannot be seen. */
class MemoryPlanTest {
    private static final PlanTarget ONE_CPU = new PlanTarget(1, false);

    /** What leaves a GPU is on its host, and on a CPU beside what it was. */
    @ParameterizedTest
    @CsvSource({"fp32, fp32", "bf16, fp32", "bf16, none", "fp16, fp32"})
    void anOffloadedOptimizerIsOnTheHost(String precision, String masters) {
        String[] sets = {
            "train.precision=" + precision,
            "train.optimizer.masterWeights=" + masters,
            "train.microBatch=4",
            "train.offloadOptimizer=none"
        };
        RunConfig none = TinyRun.config(sets);
        sets[3] = "train.offloadOptimizer=cpu";
        RunConfig offloaded = TinyRun.config(sets);
        PlanTarget gpu = new PlanTarget(1, true);
        MemoryPlan before = MemoryPlan.of(none, gpu);
        MemoryPlan after = MemoryPlan.of(offloaded, gpu);
        assertThat(before.host().total()).isZero();
        assertThat(after.optimizer()).isZero();
        assertThat(after.host().optimizer()).isEqualTo(before.optimizer());
        boolean mastered = !precision.equals("fp32") && masters.equals("fp32");
        long moved = before.weights() - after.weights();
        assertThat(moved > 0).isEqualTo(mastered);
        assertThat(after.host().weights())
                .as("masters, or a copy of each weight; what has none is copied too")
                .isGreaterThan(mastered ? moved : after.weights() - 1);
        assertThat(after.total()).isEqualTo(before.total() - before.optimizer() - moved);
        long more = MemoryPlan.of(offloaded, ONE_CPU).total()
                - MemoryPlan.of(none, ONE_CPU).total();
        assertThat(more).isEqualTo(after.host().total() - before.optimizer() - moved);
        assertThat(MemoryPlan.of(offloaded, ONE_CPU).host().total()).isZero();
    }

    private static long largestSeen(RunConfig config) {
        try (TrainingSetup setup = TrainingSetup.of(config, RankGroups.dataParallel(new SingleProcess()))) {
            int length = config.model().sequenceLength();
            int sequences = config.train().microBatch();
            long[] ids = new long[sequences * length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = i * 7L % config.model().vocabulary();
            }
            AtomicLong largest = new AtomicLong();
            setup.state().gradients().begin(1);
            try (NDManager scope = setup.manager().newSubManager()) {
                MicroBatch batch = MicroBatch.of(scope, new TokenBatch(0, sequences, length, ids, ids), ids.length);
                StageContext context =
                        new StageContext(scope, setup.weights().precision(), true, 1, 1, null, setup.attention(), null);
                KernelModule.observe(
                        (name, nanos) -> largest.accumulateAndGet(HeldMemory.bytes(setup.manager()), Math::max));
                setup.pipeline().forwardBackward(batch, context, 1);
            } finally {
                KernelModule.observe(null);
            }
            return largest.get();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fp32, none, false, 4",
        "fp32, all, false, 4",
        "fp32, moe, true, 4",
        "bf16, none, true, 8",
        "bf16, all, true, 4",
        "fp32, none, false, 0"
    })
    void nothingIsMissingAndLittleIsTooMuch(String precision, String recompute, boolean residual, int experts) {
        RunConfig config = TinyRun.config(
                "train.precision=" + precision,
                "train.recompute=" + recompute,
                "model.residual=" + residual,
                "model.experts=" + experts,
                "model.sequenceLength=512",
                "model.layers=4",
                "model.hidden=32",
                "train.headChunk=64");
        MemoryPlan plan = MemoryPlan.of(config, ONE_CPU);
        long state = plan.weights() + plan.gradients() + plan.optimizer();
        long seen = largestSeen(config) - state;
        long counted = plan.total() - state;
        assertThat(counted).isGreaterThanOrEqualTo(seen);
        // What a kernel allocates and frees itself is the rest.
        assertThat((double) seen / counted).isGreaterThan(0.6);
        assertThat(plan.total()).isEqualTo(state + plan.activations() + plan.buffers());
    }
}
