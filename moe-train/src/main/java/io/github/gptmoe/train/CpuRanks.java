package io.github.gptmoe.train;

import io.github.gptmoe.core.kernel.KernelPlatform;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.rendezvous.World;
import io.github.gptmoe.train.sharding.RankGroups;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Ranks that share the processor, and its threads; all ranks of a run are in one process.
 *
 * @param count number of ranks
 * @param train settings of the run
 */
record CpuRanks(int count, TrainConfig train) implements RankStarter {
    /** Nothing: threads of one process need no name to meet under. */
    @Override
    public byte[] uniqueId() {
        return new byte[0];
    }

    @Override
    public <R> R run(World world, Function<RankGroups, R> body, Consumer<String> report) {
        if (count == 1) {
            return body.apply(RankGroups.dataParallel(new SingleProcess()));
        }
        List<RankGroups> ranks = groups();
        return KernelPlatform.withThreads(
                Math.max(1, KernelPlatform.threads() / count),
                () -> Ranks.run(
                        count,
                        rank -> body.apply(ranks.get(rank)),
                        (rank, cause) -> ranks.get(rank).world().fail(cause),
                        report));
    }

    private List<RankGroups> groups() {
        Duration timeout = Duration.ofSeconds(train.rankTimeoutSeconds());
        if (train.expertParallel() == 1) {
            return InProcessGroup.of(count, timeout).stream()
                    .map(RankGroups::dataParallel)
                    .toList();
        }
        return InProcessGroup.grid(count, train.expertParallel(), timeout).stream()
                .map(groups -> new RankGroups(groups.get(0), groups.get(1), groups.get(2)))
                .toList();
    }
}
