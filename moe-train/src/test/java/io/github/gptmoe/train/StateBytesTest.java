package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.core.kernel.HeldMemory;
import io.github.gptmoe.core.model.ArrayFile;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.plan.StateBytes;
import io.github.gptmoe.train.sharding.RankGroups;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StateBytesTest {
    private record Division(
            int ranks,
            int zeroStage,
            int expertParallel,
            String precision,
            String gradients,
            String optimizer,
            String more) {
        Division(int ranks, int zeroStage, int expertParallel, String precision, String gradients) {
            this(ranks, zeroStage, expertParallel, precision, gradients, "optimizer.type=adamw");
        }

        Division(int ranks, int zeroStage, int expertParallel, String precision, String gradients, String optimizer) {
            this(ranks, zeroStage, expertParallel, precision, gradients, optimizer, "train.seed=1");
        }

        RunConfig config() {
            return TinyRun.config(
                    "train.clipNorm=0",
                    more,
                    "train.globalBatch=" + 2 * ranks,
                    "train." + optimizer,
                    "train.precision=" + precision,
                    "train.gradientPrecision=" + gradients,
                    "train.zeroStage=" + zeroStage,
                    "train.expertParallel=" + expertParallel);
        }

        List<RankGroups> groups() {
            List<RankGroups> groups = new ArrayList<>();
            for (List<ProcessGroup> of : InProcessGroup.grid(ranks, expertParallel, Duration.ofSeconds(10))) {
                groups.add(new RankGroups(of.get(0), of.get(1), of.get(2)));
            }
            return groups;
        }
    }

    static Stream<Division> divisions() {
        List<Division> divisions = new ArrayList<>();
        for (int ranks : new int[] {1, 2, 4}) {
            for (int zeroStage : new int[] {0, 1, 2}) {
                for (int expertParallel = 1; expertParallel <= Math.min(2, ranks); expertParallel++) {
                    divisions.add(new Division(ranks, zeroStage, expertParallel, "fp32", "fp32"));
                    divisions.add(new Division(ranks, zeroStage, expertParallel, "bf16", "bf16"));
                    divisions.add(new Division(ranks, zeroStage, expertParallel, "bf16", "fp32"));
                }
            }
        }
        divisions.add(new Division(1, 0, 1, "fp16", "fp32"));
        for (int zeroStage : new int[] {0, 2}) {
            divisions.add(new Division(2, zeroStage, 1, "bf16", "fp32", "optimizer.moments=bf16"));
            divisions.add(new Division(2, zeroStage, 2, "bf16", "fp32", "optimizer.moments=int8"));
            divisions.add(new Division(2, zeroStage, 1, "bf16", "bf16", "optimizer.masterWeights=none"));
            divisions.add(new Division(2, zeroStage, 1, "fp32", "fp32", "optimizer.type=sgd"));
            divisions.add(new Division(2, zeroStage, 1, "bf16", "bf16", "optimizerInBackward=true"));
        }
        for (int zeroStage : new int[] {0, 1, 2}) {
            divisions.add(offloaded(zeroStage, 1, "fp32", "fp32", "optimizer.type=adamw"));
            divisions.add(offloaded(zeroStage, 2, "bf16", "bf16", "optimizer.moments=int8"));
            divisions.add(offloaded(zeroStage, 1, "bf16", "fp32", "optimizer.masterWeights=none"));
            divisions.add(offloaded(zeroStage, 1, "fp16", "fp32", "optimizer.type=sgd"));
            divisions.add(offloaded(zeroStage, 1, "bf16", "bf16", "optimizerInBackward=true"));
        }
        return divisions.stream();
    }

    private static Division offloaded(
            int zeroStage, int expertParallel, String precision, String gradients, String optimizer) {
        return new Division(
                2, zeroStage, expertParallel, precision, gradients, optimizer, "train.offloadOptimizer=cpu");
    }

    /** On every rank, to the byte; what fills flat arrays up included. */
    @ParameterizedTest
    @MethodSource("divisions")
    void theCountIsWhatTheArraysHold(Division division) {
        RunConfig config = division.config();
        long largest = 0;
        long sum = 0;
        for (RankGroups groups : division.groups()) {
            int rank = groups.world().rank();
            try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
                StateBytes counted =
                        StateBytes.of(setup.model(), config.train(), new PlanTarget(division.ranks, false), rank);
                assertThat(counted.total()).as("rank %d", rank).isEqualTo(HeldMemory.bytes(setup.manager()));
                boolean offloads = config.train().offloads();
                assertThat(offloads ? counted.host().optimizer() : counted.optimizer())
                        .isEqualTo(setup.updates().state().stream()
                                .mapToLong(shard -> shard.array().size()
                                        * ArrayFile.typeOf(shard.array()).bytes())
                                .sum());
                assertThat(counted.total())
                        .isEqualTo(counted.weights()
                                + counted.gradients()
                                + counted.optimizer()
                                + counted.gradientBuckets()
                                + counted.host().total());
                assertThat(counted.host().total() > 0).isEqualTo(offloads);
                assertThat(counted.optimizer() == 0).isEqualTo(offloads);
                assertThat(counted.gradientBuckets() > 0)
                        .isEqualTo(division.zeroStage == 2 || config.train().optimizerInBackward());
                largest = Math.max(largest, counted.total());
                sum += counted.total();
                assertThat(StateBytes.sum(setup.model(), config.train(), new PlanTarget(division.ranks, false)))
                        .isGreaterThanOrEqualTo(sum);
                assertThat(StateBytes.largest(setup.model(), config.train(), new PlanTarget(division.ranks, false))
                                .total())
                        .isGreaterThanOrEqualTo(largest);
            }
        }
    }
}
