package io.github.gptmoe.train;

import ai.djl.Device;
import io.github.gptmoe.core.kernel.CudaLibrary;
import io.github.gptmoe.core.kernel.CudaRuntime;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.KernelPlatform;
import io.github.gptmoe.core.kernel.Nccl;
import io.github.gptmoe.core.kernel.NcclLibrary;
import io.github.gptmoe.train.collective.NcclMember;
import io.github.gptmoe.train.collective.NcclProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.rendezvous.World;
import io.github.gptmoe.train.sharding.RankGroups;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Ranks on GPUs, connected by NCCL with each other and with those of other processes. Not run on a GPU yet.
 *
 * @param count ranks of this process
 * @param train settings of the run
 * @param environment which says what GPUs of the machine are this process's
 * @param nccl finds the library; asked only where there are several ranks
 * @param cuda likewise
 */
record GpuRanks(
        int count, TrainConfig train, RankEnvironment environment, Supplier<Nccl> nccl, Supplier<CudaRuntime> cuda)
        implements RankStarter {

    static GpuRanks of(int count, TrainConfig train, RankEnvironment environment) {
        return new GpuRanks(count, train, environment, NcclLibrary::load, CudaLibrary::load);
    }

    @Override
    public byte[] uniqueId() {
        return environment.alone() && count == 1 ? new byte[0] : nccl.get().uniqueId();
    }

    @Override
    public <R> R run(World world, Function<RankGroups, R> body, Consumer<String> report) {
        if (world.worldSize() == 1) {
            return body.apply(RankGroups.dataParallel(new SingleProcess(Device.gpu(environment.device(0, count)))));
        }
        Joining joining = new Joining(nccl.get(), cuda.get(), world, Duration.ofSeconds(train.rankTimeoutSeconds()));
        Supplier<R> ranks = () -> Ranks.run(
                count,
                local -> runRank(joining, local, body),
                (local, cause) ->
                        world.failure().set("rank " + (world.firstRank() + local) + " failed: " + cause, cause),
                report);
        // Ranks that update on the host share its processor.
        return train.offloads()
                ? KernelPlatform.withThreads(Math.max(1, KernelPlatform.threads() / count), ranks)
                : ranks.get();
    }

    private record Joining(Nccl nccl, CudaRuntime cuda, World world, Duration timeout) {
        NcclProcessGroup join(byte[] uniqueId, NcclMember member) {
            return NcclProcessGroup.join(nccl, cuda, member, uniqueId, world.failure(), timeout);
        }
    }

    private <R> R runRank(Joining joining, int local, Function<RankGroups, R> body) {
        KernelModule.enter();
        int rank = joining.world.firstRank() + local;
        int all = joining.world.worldSize();
        int device = environment.device(local, count);
        // A failure of the body stays the cause: leaving after it fails too, as the communicators have been aborted.
        try (Memberships joined = new Memberships()) {
            NcclProcessGroup world =
                    joined.add(joining.join(joining.world.uniqueId(), new NcclMember(rank, all, device)));
            if (train.expertParallel() == 1) {
                return body.apply(RankGroups.dataParallel(world));
            }
            int inner = train.expertParallel();
            int outer = all / inner;
            // The first rank of each group has made its id; everyone hears of all.
            List<byte[]> expertIds = world.exchange(joining.nccl.uniqueId());
            List<byte[]> replicaIds = world.exchange(joining.nccl.uniqueId());
            ProcessGroup experts = joined.add(
                    world.joinBeside(new NcclMember(rank % inner, inner, device), expertIds.get(rank / inner * inner)));
            ProcessGroup replicas = joined.add(
                    world.joinBeside(new NcclMember(rank / inner, outer, device), replicaIds.get(rank % inner)));
            return body.apply(new RankGroups(world, experts, replicas));
        }
    }

    /** The groups that a rank has joined, and leaves in the opposite order, all of them whatever one of them says. */
    private static final class Memberships implements AutoCloseable {
        private final Deque<NcclProcessGroup> groups = new ArrayDeque<>();

        NcclProcessGroup add(NcclProcessGroup group) {
            groups.push(group);
            return group;
        }

        @Override
        public void close() {
            RuntimeException first = null;
            while (!groups.isEmpty()) {
                try {
                    groups.pop().close();
                } catch (RuntimeException thrown) {
                    if (first == null) {
                        first = thrown;
                    } else {
                        first.addSuppressed(thrown);
                    }
                }
            }
            if (first != null) {
                throw first;
            }
        }
    }
}
