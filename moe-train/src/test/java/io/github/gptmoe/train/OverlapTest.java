package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.LazyGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.sharding.RankGroups;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes on between ranks beside computation is waited for where, and only where, it is needed. */
class OverlapTest {
    private static final int STEPS = 4;

    private record Trained(List<Double> losses, List<String> notes) {}

    private static RunConfig config(int ranks, int zeroStage, int expertParallel, String... more) {
        List<String> sets = new ArrayList<>(List.of(
                "train.globalBatch=" + 4 * ranks,
                "train.microBatch=2",
                "train.zeroStage=" + zeroStage,
                "train.expertParallel=" + expertParallel,
                "model.layers=4",
                "train.gradientPrecision=fp32"));
        sets.addAll(List.of(more));
        return TinyRun.config(sets.toArray(String[]::new));
    }

    private static Trained train(RunConfig config, int ranks, UnaryOperator<ProcessGroup> wrap) {
        List<List<ProcessGroup>> groups =
                InProcessGroup.grid(ranks, config.train().expertParallel(), Duration.ofSeconds(20)).stream()
                        .map(own -> own.stream().map(wrap).toList())
                        .toList();
        return Ranks.run(
                ranks,
                rank -> {
                    KernelModule.enter();
                    List<ProcessGroup> own = groups.get(rank);
                    RankGroups division = config.train().expertParallel() == 1
                            ? RankGroups.dataParallel(own.get(0))
                            : new RankGroups(own.get(0), own.get(1), own.get(2));
                    return train(config, division);
                },
                (rank, cause) -> groups.get(rank).get(0).fail(cause),
                stacks -> {});
    }

    private static Trained train(RunConfig config, RankGroups groups) {
        try (TrainingSetup setup = TrainingSetup.of(config, groups)) {
            TrainStep step = trainStep(setup, config);
            List<Double> losses = new ArrayList<>();
            for (int i = 1; i <= STEPS; i++) {
                int batch = config.train().globalBatch();
                losses.add(step.run(i, (long) (i - 1) * batch, batch).loss());
            }
            return new Trained(
                    losses, groups.world() instanceof LazyGroup lazy ? List.copyOf(lazy.notes()) : List.of());
        }
    }

    private static TrainStep trainStep(TrainingSetup setup, RunConfig config) {
        return new TrainStep(setup, config.train(), LearningRateSchedule.constant(1e-2), (sample, sequences) -> {
            int length = config.model().sequenceLength();
            long[] ids = LongStream.range(0, (long) sequences * length)
                    .map(i -> (sample * 31 + i * 7) % config.model().vocabulary())
                    .toArray();
            return new TokenBatch(sample, sequences, length, ids, ids);
        });
    }

    @ParameterizedTest
    @CsvSource({"2,0,1,fp32", "2,1,1,fp32", "2,2,1,fp32", "2,2,1,bf16", "2,1,2,fp32", "4,2,2,bf16", "4,1,4,fp32"})
    void waitingAsLateAsPossibleChangesNoBit(int ranks, int zeroStage, int expertParallel, String precision) {
        RunConfig config = config(ranks, zeroStage, expertParallel, "train.precision=" + precision);
        Trained lazy = train(config, ranks, LazyGroup::new);
        Trained eager = train(config, ranks, group -> group);
        assertThat(lazy.losses).isEqualTo(eager.losses).doesNotHaveDuplicates();
        assertThat(lazy.notes).isNotEmpty();
    }

    @Test
    void updatesDuringBackwardLetWeightsArriveLater() {
        String[] sets = {"train.optimizerInBackward=true", "train.clipNorm=0", "train.microBatch=4"};
        RunConfig config = config(2, 2, 1, sets);
        assertThat(train(config, 2, LazyGroup::new).losses).isEqualTo(train(config, 2, group -> group).losses);
    }

    /** Else nothing would run beside anything. */
    @Test
    void aStageIsSummedWhileTheNextIsComputed() {
        List<String> notes = train(config(2, 2, 1), 2, LazyGroup::new).notes;
        // Head; the last two blocks, with two buckets each, as norms and routers stay FP32; the block before takes the
        // memory of
        // the last.
        assertThat(notes).startsWith("+sum0", "+sum1", "+sum2", "+sum3", "+sum4", "-sum1");
    }

    @Test
    void weightsTravelAStageAheadOfTheirUse() {
        List<String> notes = train(config(2, 1, 1), 2, LazyGroup::new).notes.stream()
                .filter(note -> note.substring(1).startsWith("gather"))
                .toList();
        // Embedding and the first block, which has two buckets, set out; the embedding arrives, the second block sets
        // out.
        assertThat(notes.subList(0, 5).stream().map(note -> note.substring(0, 1)))
                .containsExactly("+", "+", "+", "-", "+");
        assertThat(mostUnderWay(notes, "gather")).isEqualTo(4);
    }

    /** Where no token comes to a rank's experts, it reads less than the others, but must begin the same exchanges. */
    @ParameterizedTest
    @CsvSource({"1", "2"})
    void ranksWithoutTokensForTheirExpertsTakePart(int zeroStage) {
        // Two tokens a micro-batch, for four experts of each of eight layers.
        String[] sets = {
            "model.layers=8",
            "model.moeInterval=1",
            "model.experts=4",
            "model.sequenceLength=2",
            "train.globalBatch=4",
            "train.microBatch=1"
        };
        List<Double> losses = train(config(4, zeroStage, 2, sets), 4, group -> group).losses;
        List<Double> undivided = train(config(1, 0, 1, sets), 1, group -> group).losses;
        for (int i = 0; i < STEPS; i++) {
            assertThat(losses.get(i)).isCloseTo(undivided.get(i), within(1e-5));
        }
    }

    /** It would wait for ranks that have not heard of the failure yet. */
    @Test
    void aRankThatFailsBeginsNothingMore() {
        RunConfig config = config(2, 1, 1);
        List<LazyGroup> failed = new ArrayList<>();
        IllegalStateException cause = new IllegalStateException("no more batches");
        List<ProcessGroup> groups = InProcessGroup.of(2, Duration.ofSeconds(20));
        assertThatThrownBy(() -> Ranks.run(
                        2,
                        rank -> {
                            KernelModule.enter();
                            LazyGroup own = new LazyGroup(groups.get(rank));
                            try (TrainingSetup setup = TrainingSetup.of(config, RankGroups.dataParallel(own))) {
                                trainStep(setup, config)
                                        .run(1, 0, config.train().globalBatch());
                                if (rank == 1) {
                                    failed.add(own);
                                    throw cause;
                                }
                                groups.get(rank).barrier();
                                return rank;
                            }
                        },
                        (rank, thrown) -> groups.get(rank).fail(thrown),
                        stacks -> {}))
                .isSameAs(cause);
        assertThat(failed.get(0).notes()).isNotEmpty().noneMatch(note -> note.contains("gather"));
    }

    private static int mostUnderWay(List<String> notes, String operation) {
        int now = 0;
        int most = 0;
        for (String note : notes) {
            if (note.substring(1).startsWith(operation)) {
                now += note.startsWith("+") ? 1 : -1;
                most = Math.max(most, now);
            }
        }
        return most;
    }
}
