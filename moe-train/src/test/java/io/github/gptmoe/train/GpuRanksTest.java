package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.gptmoe.core.kernel.NcclType;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rank joins as whom, on which GPU, and under which id; functions that note what they are asked stand in for NCCL and CUDA. */
@Timeout(60)
class GpuRanksTest {
    private static final TrainConfig TRAIN = TinyRun.config().train();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private int port;

    /** Where host numbers of all ranks come together, as NCCL would bring them; unless nothing gets done anyway. */
    private static final class Board {
        private final double[][] parts;
        private final CyclicBarrier all;
        private volatile boolean closed;

        Board(int ranks) {
            parts = new double[ranks][];
            all = new CyclicBarrier(ranks);
        }

        void close() {
            closed = true;
        }

        double[] gather(int rank, double[] own) {
            if (closed) {
                return own;
            }
            try {
                parts[rank] = own;
                all.await();
                double[] together =
                        Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
                all.await();
                return together;
            } catch (InterruptedException | BrokenBarrierException failed) {
                throw new AssertionError(failed);
            }
        }
    }

    /** A rank joins a group. */
    private record Join(int device, int rank, int size, int id) {}

    /** The GPUs and the NCCL of a process; every id that it makes is another. */
    private static final class Gpus extends FakeGpu {
        private final AtomicInteger nextId;
        private final Board board;
        private final Map<Thread, Integer> current = new ConcurrentHashMap<>();
        private final Map<Long, Double> numbers = new ConcurrentHashMap<>();
        private final List<Join> joined = Collections.synchronizedList(new ArrayList<>());

        Gpus(int firstId, Board board) {
            super(0);
            nextId = new AtomicInteger(firstId);
            this.board = board;
        }

        @Override
        public byte[] uniqueId() {
            byte[] unique = new byte[UNIQUE_ID_BYTES];
            Arrays.fill(unique, (byte) nextId.getAndIncrement());
            return unique;
        }

        @Override
        public void setDevice(int device) {
            current.put(Thread.currentThread(), device);
        }

        @Override
        public long initialize(int ranks, byte[] uniqueId, int own) {
            joined.add(new Join(current.get(Thread.currentThread()), own, ranks, uniqueId[0]));
            return super.initialize(ranks, uniqueId, own) + own;
        }

        @Override
        public void copyToDevice(long device, double[] values, long stream) {
            for (int i = 0; i < values.length; i++) {
                numbers.put(device + 8L * i, values[i]);
            }
        }

        @Override
        public void allGather(long send, long receive, long count, NcclType type, long communicator, long stream) {
            double[] own = new double[(int) count];
            copyToHost(own, send, stream);
            copyToDevice(receive, board.gather((int) (communicator - COMMUNICATOR), own), stream);
        }

        @Override
        public void copyToHost(double[] values, long device, long stream) {
            Arrays.setAll(values, i -> numbers.get(device + 8L * i));
        }

        List<Join> joinedOn(int device) {
            return joined.stream().filter(join -> join.device() == device).toList();
        }
    }

    /** A process with its GPUs. */
    private final class Part {
        private final RankEnvironment environment;
        private final Gpus gpus;
        private final GpuRanks ranks;

        Part(int process, int localProcess, int count, TrainConfig train, Board board) {
            environment = new RankEnvironment("localhost", port, process, 2, localProcess, 0);
            gpus = new Gpus(10 + 50 * process, board);
            ranks = new GpuRanks(count, train, environment, () -> gpus, () -> gpus);
        }

        Future<World> join() {
            Rendezvous rendezvous =
                    new Rendezvous(environment, ranks.count(), "", RendezvousTiming.of(Duration.ofSeconds(40)));
            return threads.submit(() -> rendezvous.join(ranks::uniqueId, told -> {}));
        }
    }

    private Part zero;
    private Part one;

    @BeforeEach
    void open() throws IOException {
        port = Ports.free();
        // Process 0 has a node for itself, or GPUs 0 to 2 of it; process 1 is the second of a node.
        Board board = new Board(5);
        zero = new Part(0, 0, 3, TRAIN, board);
        one = new Part(1, 1, 2, TRAIN, board);
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
        // Under the one id that process 0 has made.
        assertThat(zero.gpus.joined)
                .containsExactlyInAnyOrder(new Join(0, 0, 5, 10), new Join(1, 1, 5, 10), new Join(2, 2, 5, 10));
        assertThat(one.gpus.joined).containsExactlyInAnyOrder(new Join(2, 3, 5, 10), new Join(3, 4, 5, 10));
    }

    /** With as many ranks in a process as share the experts, and with all four. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void expertsAreDividedOverTheRanksOfAllProcesses(int inner) throws Exception {
        TrainConfig train = TinyRun.config("train.expertParallel=" + inner).train();
        Board board = new Board(4);
        zero = new Part(0, 0, 2, train, board);
        one = new Part(1, 1, 2, train, board);
        List<Future<World>> joining = List.of(zero.join(), one.join());
        List<Future<List<Seat>>> running = new ArrayList<>();
        for (Part part : List.of(zero, one)) {
            World world = joining.get(part.environment.process()).get();
            running.add(threads.submit(() -> seats(part, world)));
        }
        for (Future<List<Seat>> seats : running) {
            assertThat(seats.get()).hasSize(2);
        }
        List<Integer> experts = new ArrayList<>();
        List<Integer> replicas = new ArrayList<>();
        for (int rank = 0; rank < 4; rank++) {
            List<Join> joins = (rank < 2 ? zero : one).gpus.joinedOn(rank); // devices are numbered on the node
            assertThat(joins).hasSize(3);
            experts.add(joins.get(1).id());
            replicas.add(joins.get(2).id());
            assertThat(joins)
                    .containsExactly(
                            new Join(rank, rank, 4, 10),
                            new Join(rank, rank % inner, inner, experts.get(rank / inner * inner)),
                            new Join(rank, rank / inner, 4 / inner, replicas.get(rank % inner)));
        }
        // No two groups under one id.
        assertThat(experts.stream().distinct()).hasSize(4 / inner).doesNotContainAnyElementsOf(replicas);
        assertThat(replicas.stream().distinct()).hasSize(inner);
    }

    @Test
    void aRankThatFailsEndsTheRanksOfOtherProcesses() throws Exception {
        Future<World> first = zero.join();
        Future<World> second = one.join();
        World world = first.get();
        CountDownLatch inside = new CountDownLatch(3);
        zero.gpus.board.close();
        zero.gpus.holdBack();
        Future<?> waiting = threads.submit(() -> zero.ranks.run(
                world,
                groups -> {
                    inside.countDown();
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
