package io.github.gptmoe.train;

import io.github.gptmoe.core.kernel.CudaLibrary;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.KernelPlatform;
import io.github.gptmoe.core.kernel.NcclLibrary;
import io.github.gptmoe.train.collective.FirstFailure;
import io.github.gptmoe.train.collective.NcclMember;
import io.github.gptmoe.train.collective.NcclProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.sharding.RankGroups;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Ranks on the GPUs of this machine, connected by NCCL: rank i is GPU i. Not run on a GPU yet.
 *
 * @param count number of ranks
 * @param train settings of the run
 */
record GpuRanks(int count, TrainConfig train) implements RankStarter {
    @Override
    public <R> R run(Function<RankGroups, R> body, Consumer<String> report) {
        Joining joining = new Joining(
                NcclLibrary.load(),
                CudaLibrary.load(),
                new FirstFailure(),
                Duration.ofSeconds(train.rankTimeoutSeconds()));
        byte[] world = joining.nccl.uniqueId();
        Supplier<R> ranks = () -> Ranks.run(
                count,
                rank -> runRank(joining, world, rank, body),
                (rank, cause) -> joining.failure.set("rank " + rank + " failed: " + cause, cause),
                report);
        // Ranks that update on the host share its processor.
        return train.offloads()
                ? KernelPlatform.withThreads(Math.max(1, KernelPlatform.threads() / count), ranks)
                : ranks.get();
    }

    private record Joining(NcclLibrary nccl, CudaLibrary cuda, FirstFailure failure, Duration timeout) {
        NcclProcessGroup join(byte[] uniqueId, int rank, int worldSize, int device) {
            return NcclProcessGroup.join(
                    nccl, cuda, new NcclMember(rank, worldSize, device), uniqueId, failure, timeout);
        }
    }

    private <R> R runRank(Joining joining, byte[] worldId, int rank, Function<RankGroups, R> body) {
        KernelModule.enter();
        Deque<NcclProcessGroup> joined = new ArrayDeque<>();
        try {
            joined.push(joining.join(worldId, rank, count, rank));
            ProcessGroup world = joined.element();
            if (train.expertParallel() == 1) {
                return body.apply(RankGroups.dataParallel(world));
            }
            int inner = train.expertParallel();
            int outer = count / inner;
            // The first rank of each group has made its id; everyone hears of all.
            List<byte[]> expertIds = world.exchange(joining.nccl.uniqueId());
            List<byte[]> replicaIds = world.exchange(joining.nccl.uniqueId());
            joined.push(joining.join(expertIds.get(rank / inner * inner), rank % inner, inner, rank));
            ProcessGroup experts = joined.element();
            joined.push(joining.join(replicaIds.get(rank % inner), rank / inner, outer, rank));
            return body.apply(new RankGroups(world, experts, joined.element()));
        } finally {
            joined.forEach(NcclProcessGroup::close);
        }
    }
}
