package io.github.gptmoe.train.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InProcessGroupTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private NDManager manager;

    @BeforeEach
    void open() {
        KernelModule.enter();
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static float value(int rank, int i) {
        // Sums of these depend on their order in FP32.
        return (float) (new Random(31L * rank + i).nextGaussian() * Math.pow(10, (rank + i) % 5));
    }

    private NDArray array(Precision precision, int rank, int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = value(rank, i);
        }
        try (NDArray fp32 = manager.create(values)) {
            return precision == Precision.FP32 ? fp32.duplicate() : precision.cast(manager, fp32);
        }
    }

    private float[] floats(NDArray array) {
        NDArray fp32 = Precision.FP32.cast(manager, array);
        return fp32.toFloatArray();
    }

    /** The sum in the order of the ranks, in FP32, from what the arrays really hold. */
    private float[] expectedSum(List<NDArray> arrays) {
        float[] sum = new float[(int) arrays.get(0).size()];
        for (NDArray array : arrays) {
            float[] part = floats(array);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += part[i];
            }
        }
        return sum;
    }

    private float[] rounded(Precision precision, float[] values) {
        NDArray fp32 = manager.create(values);
        return precision == Precision.FP32 ? values : floats(precision.cast(manager, fp32));
    }

    private static void run(List<ProcessGroup> groups, RankThreads.Body body) throws InterruptedException {
        List<@Nullable Throwable> thrown = RankThreads.run(groups, body);
        thrown.forEach(each -> assertThat(each).isNull());
    }

    private List<NDArray> arrays(Precision precision, int ranks, int size) {
        List<NDArray> list = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            list.add(array(precision, rank, size));
        }
        return list;
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void allReduceGivesEveryRankTheSumInTheOrderOfTheRanks(Precision precision) throws InterruptedException {
        List<NDArray> arrays = arrays(precision, 3, 50);
        float[] expected = rounded(precision, expectedSum(arrays));
        List<ProcessGroup> groups = InProcessGroup.of(3, LONG);
        run(groups, group -> group.allReduce(arrays.get(group.rank())));
        arrays.forEach(array -> assertThat(floats(array)).isEqualTo(expected));
        long bytes = 50L * precision.bytes();
        assertThat(groups.get(1).traffic()).isEqualTo(new Traffic(2 * (bytes / 3 * 2), 0, 0, 0, 0));
    }

    @Test
    void theOrderOfArrivalDoesNotMatter() throws InterruptedException {
        List<float[]> results = new ArrayList<>();
        for (int late = 0; late < 3; late++) {
            int last = late;
            List<NDArray> arrays = arrays(Precision.FP32, 3, 1000);
            run(InProcessGroup.of(3, LONG), group -> {
                if (group.rank() == last) {
                    Thread.sleep(50);
                }
                group.allReduce(arrays.get(group.rank()));
            });
            results.add(floats(arrays.get(0)));
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(2)).isEqualTo(results.get(0));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void reduceScatterAndAllGatherMakeAnAllReduce(Precision precision) throws InterruptedException {
        int ranks = 4;
        List<NDArray> fulls = arrays(precision, ranks, 64);
        List<NDArray> results = arrays(precision, ranks, 64);
        float[] expected = rounded(precision, expectedSum(fulls));
        float[] before = floats(fulls.get(2));
        List<ProcessGroup> groups = InProcessGroup.of(ranks, LONG);
        Map<Integer, float[]> shards = new ConcurrentHashMap<>();
        run(groups, group -> {
            NDArray shard = precision.zeros(manager, new Shape(16));
            group.reduceScatter(fulls.get(group.rank()), shard);
            shards.put(group.rank(), floats(shard));
            group.allGather(shard, results.get(group.rank()));
        });
        for (int rank = 0; rank < ranks; rank++) {
            assertThat(shards.get(rank)).isEqualTo(Arrays.copyOfRange(expected, 16 * rank, 16 * rank + 16));
            assertThat(floats(results.get(rank))).isEqualTo(expected);
        }
        assertThat(floats(fulls.get(2))).isEqualTo(before);
        long part = 64L * precision.bytes() / 4 * 3;
        assertThat(groups.get(0).traffic()).isEqualTo(new Traffic(0, part, part, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void broadcastCopiesTheRoot(int root) throws InterruptedException {
        List<NDArray> arrays = arrays(Precision.FP32, 3, 12);
        float[] expected = floats(arrays.get(root));
        List<ProcessGroup> groups = InProcessGroup.of(3, LONG);
        run(groups, group -> group.broadcast(arrays.get(group.rank()), root));
        arrays.forEach(array -> assertThat(floats(array)).isEqualTo(expected));
        assertThat(groups.get(0).traffic().broadcast()).isEqualTo(12 * 4 / 3 * 2);
    }

    @Test
    void allToAllSendsRowsToTheirRanks() throws InterruptedException {
        long[][] sent = {{1, 0, 2}, {0, 3, 1}, {2, 2, 0}};
        List<NDArray> inputs = new ArrayList<>();
        List<NDArray> outputs = new ArrayList<>();
        List<long[]> received = new ArrayList<>();
        for (int rank = 0; rank < 3; rank++) {
            long[] from = {sent[0][rank], sent[1][rank], sent[2][rank]};
            received.add(from);
            long rows = Arrays.stream(sent[rank]).sum();
            inputs.add(manager.arange(100f * rank, 100f * rank + 2 * rows).reshape(rows, 2));
            outputs.add(manager.zeros(new Shape(Arrays.stream(from).sum(), 2)));
        }
        List<ProcessGroup> groups = InProcessGroup.of(3, LONG);
        run(groups, group -> {
            int rank = group.rank();
            group.allToAll(inputs.get(rank), sent[rank], outputs.get(rank), received.get(rank));
        });
        assertThat(outputs.get(0).toFloatArray()).containsExactly(0, 1, 200, 201, 202, 203);
        assertThat(outputs.get(1).toFloatArray()).containsExactly(100, 101, 102, 103, 104, 105, 204, 205, 206, 207);
        assertThat(outputs.get(2).toFloatArray()).containsExactly(2, 3, 4, 5, 106, 107);
        assertThat(groups.get(1).traffic().allToAll()).isEqualTo(1 * 2 * 4);
    }

    @Test
    void arraysOfTwoTypesAreRefusedAsOnGpus() {
        ProcessGroup group = InProcessGroup.of(2, LONG).get(0);
        NDArray low = Precision.BF16.zeros(manager, new Shape(2));
        NDArray one = manager.zeros(new Shape(1));
        NDArray bytes = manager.zeros(new Shape(2), DataType.UINT8);
        long[] none = new long[2];
        assertThatThrownBy(() -> group.allToAll(low, new long[] {1, 1}, manager.zeros(new Shape(0)), none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("allToAll from BF16 into F32; it must be the same");
        assertThatThrownBy(() -> group.reduceScatter(low, one))
                .hasMessage("reduceScatter from BF16 into F32; it must be the same");
        assertThatThrownBy(() -> group.allGather(one, low))
                .hasMessage("allGather from F32 into BF16; it must be the same");
        assertThatThrownBy(() -> group.allReduce(bytes))
                .hasMessage("allReduce of U8; only floating-point arrays are summed");
        assertThatThrownBy(() -> group.reduceScatter(bytes, manager.zeros(new Shape(1), DataType.UINT8)))
                .hasMessage("reduceScatter of U8; only floating-point arrays are summed");
    }

    @Test
    void bytesAreMovedAsTheyAre() throws InterruptedException {
        NDArray first =
                manager.create(new byte[] {1, (byte) 200, 3}, new Shape(3)).toType(DataType.UINT8, true);
        NDArray second = manager.zeros(new Shape(2), DataType.UINT8);
        NDArray nothing = manager.zeros(new Shape(0), DataType.UINT8);
        run(InProcessGroup.of(2, LONG), group -> {
            if (group.rank() == 0) {
                group.allToAll(first.get("1:3"), new long[] {0, 2}, nothing, new long[2]);
            } else {
                group.allToAll(nothing, new long[2], second, new long[] {2, 0});
            }
        });
        assertThat(second.toUint8Array()).containsExactly(200, 3);
    }

    @Test
    void rowsThatTheReceiverDoesNotExpectFailTheGroup() throws InterruptedException {
        List<@Nullable Throwable> thrown = RankThreads.run(
                InProcessGroup.of(2, LONG),
                group -> group.allToAll(
                        manager.zeros(new Shape(2, 1)), new long[] {1, 1}, manager.zeros(new Shape(2, 1)), new long[] {
                            0, 2
                        }));
        assertThat(thrown)
                .allSatisfy(each -> assertThat(each)
                        .isInstanceOf(CollectiveException.class)
                        .hasMessageContaining("rank 0 sends 1 rows to rank 0, which expects 0"));
    }

    @Test
    void hostNumbersAreSummedInTheOrderOfTheRanks() throws InterruptedException {
        double[][] values = {{1e16, 1}, {1, 2}, {-1e16, 4}};
        List<double[]> sums = new ArrayList<>(List.of(new double[0], new double[0], new double[0]));
        run(InProcessGroup.of(3, LONG), group -> sums.set(group.rank(), group.allReduce(values[group.rank()])));
        assertThat(sums).allSatisfy(sum -> assertThat(sum).containsExactly(1e16 + 1 - 1e16, 7));
    }

    @Test
    void ranksThatCallDifferentOperationsAllFail() throws InterruptedException {
        List<@Nullable Throwable> thrown = RankThreads.run(InProcessGroup.of(3, LONG), group -> {
            if (group.rank() == 1) {
                group.barrier();
            } else {
                group.allReduce(manager.zeros(new Shape(5)));
            }
        });
        assertThat(thrown)
                .allSatisfy(each -> assertThat(each)
                        .isInstanceOf(CollectiveException.class)
                        .hasMessage(
                                "ranks disagree: rank 0 called allReduce of 5 F32, rank 1 called barrier, rank 2 called"
                                        + " allReduce of 5 F32"));
    }

    @Test
    void aRankThatDoesNotComeFailsTheOthersAtTheDeadline() throws InterruptedException {
        List<@Nullable Throwable> thrown = RankThreads.run(InProcessGroup.of(4, Duration.ofMillis(200)), group -> {
            if (group.rank() != 2) {
                group.barrier();
            }
        });
        assertThat(thrown.get(2)).isNull();
        thrown.remove(2);
        assertThat(thrown)
                .allSatisfy(each -> assertThat(each)
                        .isInstanceOf(CollectiveException.class)
                        .hasMessageContaining("ranks [2] did not come to barrier within 0.2 s"));
    }

    @Test
    void theFirstCauseReachesEveryRank() throws InterruptedException {
        IllegalStateException cause = new IllegalStateException("no batch");
        List<@Nullable Throwable> thrown = RankThreads.run(InProcessGroup.of(3, LONG), group -> {
            if (group.rank() == 0) {
                Thread.sleep(20);
                group.fail(cause);
                group.fail(new IllegalStateException("later"));
            }
            group.barrier();
        });
        assertThat(thrown)
                .allSatisfy(each -> assertThat(each)
                        .isInstanceOf(CollectiveException.class)
                        .hasMessageContaining("rank 0 failed: java.lang.IllegalStateException: no batch")
                        .hasRootCause(cause));
    }

    @Test
    void sizesThatCannotBeDividedAreRefusedBeforeAnythingIsAwaited() {
        ProcessGroup group = InProcessGroup.of(2, LONG).get(0);
        NDArray five = manager.zeros(new Shape(5));
        NDArray two = manager.zeros(new Shape(2));
        assertThatThrownBy(() -> group.reduceScatter(five, two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a shard of 2 elements and a full array of 5");
        assertThatThrownBy(() -> group.allGather(two, five)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.broadcast(two, 2)).hasMessageContaining("root 2 in a group of 2");
        assertThatThrownBy(() -> group.allToAll(five, new long[] {1, 1}, two, new long[] {1, 1}))
                .hasMessageContaining("5 rows, divided as [1, 1] over 2 ranks");
        assertThatThrownBy(() -> InProcessGroup.of(0, LONG)).hasMessageContaining("at least 1");
    }
}
