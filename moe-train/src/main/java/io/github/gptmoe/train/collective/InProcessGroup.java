package io.github.gptmoe.train.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.gptmoe.core.kernel.CollectiveKernels;
import io.github.gptmoe.core.kernel.Precision;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Ranks that are threads of this JVM, on the CPU. Every operation is also a barrier; its work is done by the rank that comes
 * last, in the order of the ranks, so results repeat bit for bit.
 */
public final class InProcessGroup implements ProcessGroup {
    private final Meeting meeting;
    private final int rank;
    private Traffic traffic = Traffic.NONE;

    private InProcessGroup(Meeting meeting, int rank) {
        this.meeting = meeting;
        this.rank = rank;
    }

    /**
     * Makes a group.
     *
     * @param worldSize number of ranks, at least 1
     * @param deadline how long a rank waits for the others in one operation before the group fails
     * @return the members in the order of their ranks; give each to one thread
     */
    public static List<ProcessGroup> of(int worldSize, Duration deadline) {
        if (worldSize < 1) {
            throw new IllegalArgumentException("a group of " + worldSize + " ranks; it must have at least 1");
        }
        return of(worldSize, deadline, new FirstFailure());
    }

    /**
     * Divides a world into groups twice: ranks that follow each other, and ranks that have the same place in those.
     *
     * @param worldSize number of ranks
     * @param inner ranks of a group of the first kind; must divide {@code worldSize}
     * @param deadline as for {@link #of}
     * @return for each rank, its membership in the world, in the group of {@code inner}, and in that across them; what fails
     *     one fails all
     */
    public static List<List<ProcessGroup>> grid(int worldSize, int inner, Duration deadline) {
        FirstFailure failure = new FirstFailure();
        int outer = worldSize / inner;
        List<ProcessGroup> world = of(worldSize, deadline, failure);
        List<List<ProcessGroup>> blocks = groups(outer, inner, deadline, failure);
        List<List<ProcessGroup>> across = groups(inner, outer, deadline, failure);
        return IntStream.range(0, worldSize)
                .mapToObj(rank -> List.of(
                        world.get(rank),
                        blocks.get(rank / inner).get(rank % inner),
                        across.get(rank % inner).get(rank / inner)))
                .toList();
    }

    private static List<List<ProcessGroup>> groups(int count, int size, Duration deadline, FirstFailure failure) {
        return IntStream.range(0, count)
                .mapToObj(group -> of(size, deadline, failure))
                .toList();
    }

    /** Groups that share {@code failure} fail together. */
    private static List<ProcessGroup> of(int worldSize, Duration deadline, FirstFailure failure) {
        Meeting meeting = new Meeting(worldSize, deadline, failure);
        return IntStream.range(0, worldSize)
                .<ProcessGroup>mapToObj(rank -> new InProcessGroup(meeting, rank))
                .toList();
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int worldSize() {
        return meeting.size();
    }

    @Override
    public Device device() {
        return Device.cpu();
    }

    @Override
    public void allReduce(NDArray array) {
        GroupArguments.requireSummable("allReduce", array);
        join(
                "allReduce of " + GroupArguments.size(array),
                all -> {
                    NDList arrays = arrays(all, 0);
                    NDArray first = arrays.get(0);
                    try (NDArray sum = Precision.of(first).zeros(first.getManager(), first.getShape())) {
                        CollectiveKernels.sum(sum, arrays, 0);
                        arrays.forEach(each -> Precision.copy(each, sum));
                    }
                },
                array);
        traffic = traffic.plusAllReduce(GroupArguments.bytes(array), worldSize());
    }

    @Override
    public void reduceScatter(NDArray full, NDArray shard) {
        GroupArguments.requireShard("reduceScatter", full, shard, worldSize());
        GroupArguments.requireSameType("reduceScatter", full, shard);
        GroupArguments.requireSummable("reduceScatter", full);
        join(
                "reduceScatter of " + GroupArguments.size(full),
                all -> {
                    NDList fulls = arrays(all, 0);
                    NDList shards = arrays(all, 1);
                    for (int to = 0; to < shards.size(); to++) {
                        CollectiveKernels.sum(
                                shards.get(to), fulls, to * shards.get(to).size());
                    }
                },
                full,
                shard);
        traffic = traffic.plusReduceScatter(GroupArguments.bytes(full), worldSize());
    }

    @Override
    public void allGather(NDArray shard, NDArray full) {
        GroupArguments.requireShard("allGather", full, shard, worldSize());
        GroupArguments.requireSameType("allGather", shard, full);
        join(
                "allGather of " + GroupArguments.size(full),
                all -> {
                    NDList shards = arrays(all, 0);
                    arrays(all, 1).forEach(each -> CollectiveKernels.join(each, shards));
                },
                shard,
                full);
        traffic = traffic.plusAllGather(GroupArguments.bytes(full), worldSize());
    }

    @Override
    public void broadcast(NDArray array, int root) {
        GroupArguments.requireRoot(root, worldSize());
        join(
                "broadcast from rank " + root + " of " + GroupArguments.size(array),
                all -> {
                    NDList arrays = arrays(all, 0);
                    for (int to = 0; to < arrays.size(); to++) {
                        if (to != root) {
                            Precision.copy(arrays.get(to), arrays.get(root));
                        }
                    }
                },
                array);
        traffic = traffic.plusBroadcast(GroupArguments.bytes(array), worldSize());
    }

    @Override
    public void allToAll(NDArray input, long[] sent, NDArray output, long[] received) {
        GroupArguments.requireExchange(input, sent, output, received, worldSize());
        join(
                "allToAll of rows of " + GroupArguments.rowSize(input),
                InProcessGroup::exchange,
                input,
                sent,
                output,
                received);
        traffic = traffic.plusAllToAll(input, sent, rank);
    }

    private static void exchange(List<Meeting.Offer> all) {
        long[] read = new long[all.size()];
        for (int to = 0; to < all.size(); to++) {
            NDArray output = (NDArray) all.get(to).arguments().get(2);
            long[] received = (long[]) all.get(to).arguments().get(3);
            long written = 0;
            for (int from = 0; from < all.size(); from++) {
                NDArray input = (NDArray) all.get(from).arguments().get(0);
                long rows = ((long[]) all.get(from).arguments().get(1))[to];
                if (rows != received[from]) {
                    throw new IllegalArgumentException("rank " + from + " sends " + rows + " rows to rank " + to
                            + ", which expects " + received[from]);
                }
                if (rows > 0) {
                    CollectiveKernels.copyRows(output, written, input, read[from], rows);
                }
                written += rows;
                read[from] += rows;
            }
        }
    }

    @Override
    public double[] allReduce(double[] values) {
        double[] sums = new double[values.length];
        join(
                "allReduce of " + values.length + " numbers",
                all -> {
                    for (Meeting.Offer offer : all) {
                        double[] part = (double[]) offer.arguments().get(0);
                        for (int i = 0; i < part.length; i++) {
                            for (Meeting.Offer other : all) {
                                ((double[]) other.arguments().get(1))[i] += part[i];
                            }
                        }
                    }
                },
                values,
                sums);
        return sums;
    }

    @Override
    public void barrier() {
        join("barrier", all -> {});
    }

    @Override
    public void fail(Throwable cause) {
        meeting.failed("rank " + rank + " failed: " + cause, cause);
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    private void join(String operation, Consumer<List<Meeting.Offer>> work, Object... arguments) {
        meeting.join(rank, new Meeting.Offer(operation, List.of(arguments)), work);
    }

    private static NDList arrays(List<Meeting.Offer> all, int argument) {
        NDList list = new NDList(all.size());
        all.forEach(offer -> list.add((NDArray) offer.arguments().get(argument)));
        return list;
    }
}
