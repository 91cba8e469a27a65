package io.github.gptmoe.train.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** Runs every operation of a group at several sizes, compares its results with what they must be, and times it. */
public final class CollectiveBenchmark {
    private static final int NUMBERS = 16;

    private final List<Long> sizes;
    private final int repeats;

    /**
     * One line of the table.
     *
     * @param operation of {@link ProcessGroup}
     * @param precision of the elements; {@code fp64} for host numbers, empty for a barrier
     * @param elements of the full array
     * @param bytes of the full array
     * @param seconds of one operation, mean over the repeats
     * @param gigabytesPerSecond {@code bytes} by {@code seconds}, in 10^9 bytes
     * @param busGigabytesPerSecond bytes that a rank sends, as {@link Traffic} counts them, by {@code seconds}
     */
    public record Row(
            String operation,
            String precision,
            long elements,
            long bytes,
            double seconds,
            double gigabytesPerSecond,
            double busGigabytesPerSecond) {}

    /**
     * A rank of this process.
     *
     * @param group its membership; the benchmark closes it where it can be closed
     * @param device where its arrays lie
     */
    public record Seat(ProcessGroup group, Device device) {}

    /**
     * Prepares a benchmark.
     *
     * @param sizes elements of the full arrays, at least 1; rounded up to multiples of the number of ranks
     * @param repeats timed calls of each operation, at least 1
     */
    public CollectiveBenchmark(List<Long> sizes, int repeats) {
        if (sizes.isEmpty() || sizes.stream().anyMatch(size -> size < 1) || repeats < 1) {
            throw new IllegalArgumentException("sizes " + sizes + ", " + repeats + " repeats");
        }
        this.sizes = List.copyOf(sizes);
        this.repeats = repeats;
    }

    /**
     * Runs the ranks of this process, a thread each.
     *
     * @param localRanks how many
     * @param seats called in the thread of each, with the number of the rank in this process
     * @return the table, as the first rank of this process measured it
     * @throws CollectiveException if the group fails
     * @throws IllegalStateException if a result is wrong
     */
    public List<Row> run(int localRanks, IntFunction<Seat> seats) {
        return Ranks.run(localRanks, rank -> runRank(seats.apply(rank)), (rank, cause) -> {}, stacks -> {});
    }

    private List<Row> runRank(Seat seat) {
        KernelModule.enter();
        ProcessGroup group = seat.group();
        List<Row> rows = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager(seat.device())) {
            for (Precision precision : Precision.values()) {
                for (long size : sizes) {
                    long full = (size + group.worldSize() - 1) / group.worldSize() * group.worldSize();
                    try (NDManager scope = manager.newSubManager()) {
                        new RankArrays(scope, group, precision, full).run(rows);
                    }
                }
            }
            numbers(group, rows);
            rows.add(timed(group, "barrier", "", 0, 0, group::barrier));
        } catch (RuntimeException | Error failed) {
            group.fail(failed);
            throw failed;
        }
        if (group instanceof NcclProcessGroup nccl) {
            nccl.close();
        }
        return rows;
    }

    private Row timed(
            ProcessGroup group, String operation, String precision, long elements, long bytes, Runnable work) {
        work.run(); // The first call of each kind sets up connections.
        group.barrier();
        long sent = group.traffic().total();
        long start = System.nanoTime();
        for (int repeat = 0; repeat < repeats; repeat++) {
            work.run();
        }
        // On a GPU the operations are only queued until here; its share of the time is that of one small message.
        group.barrier();
        double seconds = (System.nanoTime() - start) / 1e9 / repeats;
        double sentBytes = (double) (group.traffic().total() - sent) / repeats;
        return new Row(
                operation, precision, elements, bytes, seconds, bytes / seconds / 1e9, sentBytes / seconds / 1e9);
    }

    private void numbers(ProcessGroup group, List<Row> rows) {
        double[] values = new double[NUMBERS];
        Arrays.setAll(values, i -> (group.rank() + 1) * 0.1 + i);
        double[] sums = group.allReduce(values);
        for (int i = 0; i < NUMBERS; i++) {
            double expected = 0;
            for (int rank = 0; rank < group.worldSize(); rank++) {
                expected += (rank + 1) * 0.1 + i;
            }
            if (sums[i] != expected) {
                throw new IllegalStateException(
                        "allReduce of numbers: " + sums[i] + " on rank " + group.rank() + ", must be " + expected);
            }
        }
        rows.add(timed(
                group, "allReduce of numbers", "fp64", NUMBERS, NUMBERS * Double.BYTES, () -> group.allReduce(values)));
    }

    /** A rank's arrays of one size and precision. Element i of rank r begins as {@code (r mod 2 + 1) * (i mod 4 + 1)}. */
    private final class RankArrays {
        private final NDManager scope;
        private final ProcessGroup group;
        private final Precision precision;
        private final int worldSize;
        private final long elements;
        private final long part;

        RankArrays(NDManager scope, ProcessGroup group, Precision precision, long elements) {
            this.scope = scope;
            this.group = group;
            this.precision = precision;
            this.elements = elements;
            worldSize = group.worldSize();
            part = elements / worldSize;
        }

        void run(List<Row> rows) {
            reductions(rows);
            copies(rows);
            exchange(rows);
        }

        private void reductions(List<Row> rows) {
            NDArray array = filled(group.rank(), 0, elements);
            group.allReduce(array);
            check("allReduce", array, 0, sumOfRanks());
            // Times what has been summed already: values grow, which no operation's time depends on.
            rows.add(row("allReduce", () -> group.allReduce(array)));

            NDArray full = filled(group.rank(), 0, elements);
            NDArray shard = zeros(part);
            group.reduceScatter(full, shard);
            check("reduceScatter", shard, group.rank() * part, sumOfRanks());
            rows.add(row("reduceScatter", () -> group.reduceScatter(full, shard)));
        }

        private void copies(List<Row> rows) {
            NDArray shard = filled(1, group.rank() * part, part);
            NDArray full = zeros(elements);
            group.allGather(shard, full);
            check("allGather", full, 0, factor(1));
            rows.add(row("allGather", () -> group.allGather(shard, full)));

            int root = worldSize - 1;
            NDArray array = filled(group.rank(), 0, elements);
            group.broadcast(array, root);
            check("broadcast", array, 0, factor(root));
            rows.add(row("broadcast", () -> group.broadcast(array, root)));
        }

        private void exchange(List<Row> rows) {
            long[] each = new long[worldSize];
            Arrays.fill(each, part);
            NDArray input = filled(group.rank(), 0, elements).reshape(elements, 1);
            NDArray output = zeros(elements).reshape(elements, 1);
            group.allToAll(input, each, output, each);
            float[] values = floats(output);
            for (int i = 0; i < elements; i++) {
                long from = i / part;
                long at = group.rank() * part + i % part;
                require("allToAll", i, values[i], factor((int) from) * pattern(at));
            }
            rows.add(row("allToAll", () -> group.allToAll(input, each, output, each)));
        }

        private Row row(String operation, Runnable work) {
            return timed(
                    group,
                    operation,
                    precision.name().toLowerCase(Locale.ROOT),
                    elements,
                    elements * precision.bytes(),
                    work);
        }

        private NDArray filled(int rank, long from, long count) {
            float[] values = new float[Math.toIntExact(count)];
            for (int i = 0; i < values.length; i++) {
                values[i] = factor(rank) * pattern(from + i);
            }
            NDArray fp32 = scope.create(values);
            return precision.cast(scope, fp32);
        }

        private NDArray zeros(long count) {
            return precision.zeros(scope, new Shape(count));
        }

        private float[] floats(NDArray array) {
            try (NDArray fp32 = Precision.FP32.cast(scope, array).duplicate()) {
                return fp32.toFloatArray();
            }
        }

        private int sumOfRanks() {
            int sum = 0;
            for (int rank = 0; rank < worldSize; rank++) {
                sum += factor(rank);
            }
            return sum;
        }

        private void check(String operation, NDArray array, long from, int factor) {
            float[] values = floats(array);
            for (int i = 0; i < values.length; i++) {
                require(operation, i, values[i], factor * pattern(from + i));
            }
        }

        /** Exact in FP32; BF16 may be rounded once for each rank, by 2^-9 of the value. */
        private void require(String operation, int element, float value, int expected) {
            double tolerance = precision == Precision.FP32 ? 0 : expected * Math.scalb(1.0, -9) * worldSize;
            if (!(Math.abs(value - expected) <= tolerance)) {
                throw new IllegalStateException(operation + " of " + elements + " " + precision + " over " + worldSize
                        + " ranks: element " + element + " is " + value + " on rank " + group.rank() + ", must be "
                        + expected);
            }
        }
    }

    private static int factor(int rank) {
        return rank % 2 + 1;
    }

    private static int pattern(long element) {
        return (int) (element % 4) + 1;
    }
}
