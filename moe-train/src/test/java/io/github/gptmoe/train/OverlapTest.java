package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

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
            TrainStep step =
                    new TrainStep(setup, config.train(), LearningRateSchedule.constant(1e-2), (sample, sequences) -> {
                        int length = config.model().sequenceLength();
                        long[] ids = LongStream.range(0, (long) sequences * length)
                                .map(i -> (sample * 31 + i * 7) % config.model().vocabulary())
                                .toArray();
                        return new TokenBatch(sample, sequences, length, ids, ids);
                    });
            List<Double> losses = new ArrayList<>();
            for (int i = 1; i <= STEPS; i++) {
                int batch = config.train().globalBatch();
                losses.add(step.run(i, (long) (i - 1) * batch, batch).loss());
            }
            return new Trained(
                    losses, groups.world() instanceof LazyGroup lazy ? List.copyOf(lazy.notes()) : List.of());
        }
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
    void weightsTravelAFewBucketsAheadOfTheirUse() {
        List<String> notes = train(config(2, 1, 1), 2, LazyGroup::new).notes;
        assertThat(mostUnderWay(notes, "gather")).isEqualTo(5);
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
