package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.gptmoe.train.collective.CollectiveException;
import io.github.gptmoe.train.collective.FakeGpu;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.rendezvous.Ports;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.rendezvous.Rendezvous;
import io.github.gptmoe.train.rendezvous.RendezvousTiming;
import io.github.gptmoe.train.rendezvous.World;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which rank joins as whom, on which GPU, and under which id; functions that note what they are asked stand in for NCCL and CUDA. */
@Timeout(60)
class GpuRanksTest {
    private static final TrainConfig TRAIN = TinyRun.config().train();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private int port;

    /** The GPUs and the NCCL of a process. */
    private static final class Gpus extends FakeGpu {
        private final byte id;
        private final Map<Thread, Integer> current = new ConcurrentHashMap<>();
        /** Rank of the group, its size, the first byte of its id, and the device that was current. */
        private final Set<String> joined = new ConcurrentSkipListSet<>();

        Gpus(int id) {
            super(0);
            this.id = (byte) id;
        }

        @Override
        public byte[] uniqueId() {
            byte[] unique = new byte[UNIQUE_ID_BYTES];
            Arrays.fill(unique, id);
            return unique;
        }

        @Override
        public void setDevice(int device) {
            current.put(Thread.currentThread(), device);
        }

        @Override
        public long initialize(int ranks, byte[] uniqueId, int own) {
            joined.add("rank " + own + " of " + ranks + " under " + uniqueId[0] + " on device "
                    + current.get(Thread.currentThread()));
            return super.initialize(ranks, uniqueId, own);
        }
    }

    /** A process with its GPUs. */
    private final class Part {
        private final RankEnvironment environment;
        private final Gpus gpus;
        private final GpuRanks ranks;

        Part(int process, int localProcess, int count) {
            environment = new RankEnvironment("localhost", port, process, 2, localProcess, 0);
            gpus = new Gpus(10 + process);
            ranks = new GpuRanks(count, TRAIN, environment, () -> gpus, () -> gpus);
        }

        Future<World> join() {
            Rendezvous rendezvous =
                    new Rendezvous(environment, ranks.count(), "", "", RendezvousTiming.of(Duration.ofSeconds(40)));
            return threads.submit(() -> rendezvous.join(ranks::uniqueId, told -> {}));
        }
    }

    private Part zero;
    private Part one;

    @BeforeEach
    void open() throws IOException {
        port = Ports.free();
        // Process 0 has a node for itself, or GPUs 0 to 2 of it; process 1 is the second of a node.
        zero = new Part(0, 0, 3);
        one = new Part(1, 1, 2);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private record Seat(int rank, int worldSize, Device device) {
        Seat(ProcessGroup group) {
            this(group.rank(), group.worldSize(), group.device());
        }
    }

    private static List<Seat> seats(Part part, World world) {
        List<Seat> seats = new ArrayList<>();
        part.ranks.run(
                world,
                groups -> {
                    synchronized (seats) {
                        seats.add(new Seat(groups.world()));
                    }
                    return groups;
                },
                stuck -> {});
        return seats;
    }

    @Test
    void ranksAreNumberedOverAllProcessesAndDevicesOnTheNode() throws Exception {
        Future<World> first = zero.join();
        Future<World> second = one.join();
        assertThat(seats(zero, first.get()))
                .containsExactlyInAnyOrder(
                        new Seat(0, 5, Device.gpu(0)), new Seat(1, 5, Device.gpu(1)), new Seat(2, 5, Device.gpu(2)));
        assertThat(seats(one, second.get()))
                .containsExactlyInAnyOrder(new Seat(3, 5, Device.gpu(2)), new Seat(4, 5, Device.gpu(3)));
        assertThat(zero.gpus.joined)
                .containsExactly(
                        "rank 0 of 5 under 10 on device 0",
                        "rank 1 of 5 under 10 on device 1",
                        "rank 2 of 5 under 10 on device 2");
        // Under the id of process 0.
        assertThat(one.gpus.joined)
                .containsExactly("rank 3 of 5 under 10 on device 2", "rank 4 of 5 under 10 on device 3");
    }

    @Test
    void aRankThatFailsEndsTheRanksOfOtherProcesses() throws Exception {
        Future<World> first = zero.join();
        Future<World> second = one.join();
        World world = first.get();
        CountDownLatch inside = new CountDownLatch(3);
        Future<?> waiting = threads.submit(() -> zero.ranks.run(
                world,
                groups -> {
                    inside.countDown();
                    zero.gpus.holdBack();
                    groups.world().barrier();
                    return groups;
                },
                stuck -> {}));
        IllegalStateException cause = new IllegalStateException("no such disk");
        World other = second.get();
        assertThatThrownBy(() -> one.ranks.run(
                        other,
                        groups -> {
                            awaitAll(inside);
                            throw cause;
                        },
                        stuck -> {}))
                .isSameAs(cause);
        assertThatThrownBy(waiting::get)
                .cause()
                .isInstanceOf(CollectiveException.class)
                .message()
                .containsPattern("process 1 \\(127.0.0.1:\\d+\\): rank [34] failed: .*no such disk");
        assertThat(zero.gpus.calls()).contains("abort 77");
    }

    private static void awaitAll(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A single GPU is no group: neither library is looked for. */
    @Test
    void oneRankNeedsNoLibrary() {
        RankEnvironment second = new RankEnvironment("", 0, 0, 1, 1, 0);
        GpuRanks ranks = new GpuRanks(
                1,
                TRAIN,
                second,
                () -> {
                    throw new AssertionError("NCCL was looked for");
                },
                () -> {
                    throw new AssertionError("CUDA was looked for");
                });
        World world = World.alone(1, ranks.uniqueId());
        Seat seat = ranks.run(world, groups -> new Seat(groups.world()), stuck -> {});
        assertThat(seat).isEqualTo(new Seat(0, 1, Device.gpu(1)));
    }
}
