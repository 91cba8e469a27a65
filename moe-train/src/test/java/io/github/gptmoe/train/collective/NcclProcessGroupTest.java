package io.github.gptmoe.train.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Nccl;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What NCCL and CUDA are asked, in what order; a GPU is not needed for that, and arrays lie on the CPU. */
@Timeout(60)
class NcclProcessGroupTest {
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final int RANK = 1;
    private static final int WORLD = 3;

    private final FakeGpu gpu = new FakeGpu(RANK);
    private final FirstFailure failure = new FirstFailure();
    private NDManager manager;

    @BeforeEach
    void open() {
        KernelModule.enter();
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        failure.set("the test has ended", null);
        manager.close();
    }

    private NcclProcessGroup join(Duration deadline) {
        NcclProcessGroup group = NcclProcessGroup.join(
                gpu, gpu, new NcclMember(RANK, WORLD, 1), new byte[Nccl.UNIQUE_ID_BYTES], failure, deadline);
        assertThat(gpu.calls()).containsExactly("initialize 3 1 128");
        gpu.clear();
        return group;
    }

    private NDArray bf16(long... shape) {
        return Precision.BF16.zeros(manager, new Shape(shape));
    }

    @Test
    void anOperationRunsAfterWhatWasComputedAndBeforeWhatWillBe() {
        NcclProcessGroup group = join(LONG);
        NDArray array = manager.zeros(new Shape(50));
        long at = TensorStorage.address(array);
        group.allReduce(array);
        assertThat(gpu.calls())
                .containsExactly(
                        "record 100 0",
                        "wait 88 100",
                        "allReduce " + at + " " + at + " 50 FLOAT32 77 88",
                        "record 101 88",
                        "wait 0 101");
        assertThat(group.traffic()).isEqualTo(new Traffic(2 * (200 / 3 * 2), 0, 0, 0, 0));
    }

    @Test
    void anOperationUnderWayLeavesComputationAlone() {
        NcclProcessGroup group = join(LONG);
        gpu.reached = false;
        NDArray full = bf16(12);
        NDArray shard = bf16(4);
        long from = TensorStorage.address(full);
        long into = TensorStorage.address(shard);
        Pending first = group.startReduceScatter(full, shard);
        Pending second = group.startAllGather(shard, full);
        assertThat(gpu.calls())
                .containsExactly(
                        "record 100 0",
                        "wait 88 100",
                        "reduceScatter " + from + " " + into + " 4 BFLOAT16 77 88",
                        "record 101 88",
                        "record 100 0",
                        "wait 88 100",
                        "allGather " + into + " " + from + " 4 BFLOAT16 77 88",
                        "record 102 88");
        gpu.clear();
        first.finish();
        second.finish();
        assertThat(gpu.calls()).containsExactly("wait 0 101", "wait 0 102");
        assertThat(group.traffic()).isEqualTo(new Traffic(0, 16, 16, 0, 0));
    }

    /** Two communicators at work at a time can lock each other up, so one stream puts all operations of a rank in one order. */
    @Test
    void groupsOfARankShareAStream() {
        NcclProcessGroup world = join(LONG);
        NcclProcessGroup pair = world.joinBeside(new NcclMember(0, 2, 1), new byte[Nccl.UNIQUE_ID_BYTES]);
        NDArray array = manager.zeros(new Shape(6));
        world.startAllReduce(array);
        gpu.clear();
        pair.startAllReduce(array);
        assertThat(gpu.calls()).anyMatch(call -> call.startsWith("allReduce") && call.endsWith(" 77 88"));
        gpu.clear();
        pair.close();
        assertThat(gpu.calls()).contains("destroy 77").noneMatch(call -> call.startsWith("destroyStream"));
        world.close();
        assertThat(gpu.calls()).contains("destroyStream 88");
    }

    @Test
    void eventsAreUsedAgainOnlyWhenNobodyWaitsForThem() {
        NcclProcessGroup group = join(LONG);
        NDArray full = manager.zeros(new Shape(3));
        NDArray shard = manager.zeros(new Shape(1));
        Pending open = group.startReduceScatter(full, shard);
        group.allReduce(full);
        open.finish();
        gpu.clear();
        group.allReduce(full);
        assertThat(gpu.calls()).contains("record 102 88", "wait 0 102").doesNotContain("record 103 88");
    }

    @Test
    void broadcastNamesTheRoot() {
        NcclProcessGroup group = join(LONG);
        NDArray array = manager.zeros(new Shape(6));
        group.broadcast(array, 2);
        assertThat(gpu.calls()).contains("broadcast " + TensorStorage.address(array) + " 6 FLOAT32 2 77 88");
        assertThat(group.traffic().broadcast()).isEqualTo(24 / 3 * 2);
    }

    @Test
    void allToAllIsOneGroupOfSendsAndReceives() {
        NcclProcessGroup group = join(LONG);
        NDArray input = bf16(6, 5);
        NDArray output = bf16(3, 5);
        long from = TensorStorage.address(input);
        long into = TensorStorage.address(output);
        group.allToAll(input, new long[] {4, 2, 0}, output, new long[] {0, 2, 1});
        assertThat(gpu.calls())
                .containsExactly(
                        "record 100 0",
                        "wait 88 100",
                        "groupStart",
                        "send " + from + " 20 BFLOAT16 0 77 88",
                        "send " + (from + 40) + " 10 BFLOAT16 1 77 88",
                        "receive " + into + " 10 BFLOAT16 1 77 88",
                        "receive " + (into + 20) + " 5 BFLOAT16 2 77 88",
                        "groupEnd",
                        "record 101 88",
                        "wait 0 101");
        assertThat(group.traffic().allToAll()).isEqualTo(4 * 5 * 2);
    }

    @Test
    void bytesAreMovedAsBytes() {
        NcclProcessGroup group = join(LONG);
        NDArray input = manager.zeros(new Shape(5), DataType.UINT8);
        NDArray nothing = manager.zeros(new Shape(0), DataType.UINT8);
        group.allToAll(input, new long[] {2, 0, 3}, nothing, new long[WORLD]);
        long from = TensorStorage.address(input);
        assertThat(gpu.calls())
                .containsSubsequence(
                        "groupStart",
                        "send " + from + " 2 UINT8 0 77 88",
                        "send " + (from + 2) + " 3 UINT8 2 77 88",
                        "groupEnd")
                .noneMatch(call -> call.startsWith("receive"));
        assertThat(group.traffic().allToAll()).isEqualTo(5);
    }

    @Test
    void hostNumbersAreGatheredAndSummedInTheOrderOfTheRanks() {
        NcclProcessGroup group = join(LONG);
        // Peers 0 and 2 have 0, 1 and 200, 201 in the fake.
        assertThat(group.allReduce(new double[] {0.5, -201.25})).containsExactly(0 + 0.5 + 200, 1 - 201.25 + 201);
        assertThat(gpu.calls())
                .contains("allocate " + (3 + 9) * 8, "copyToDevice 3 88", "copyToHost 9 88")
                .noneMatch(call -> call.startsWith("free"));
        assertThat(group.allReduce(new double[0])).isEmpty();
        assertThat(group.allReduce(new double[3])).hasSize(3);
        assertThat(gpu.calls()).contains("free", "allocate " + (4 + 12) * 8);
        group.barrier();
        assertThat(group.traffic()).isEqualTo(Traffic.NONE);
    }

    /** Peers have {@code peer * 100} bytes here, which are the numbers {@code peer * 100 + i}, six bytes each. */
    @Test
    void everyRankSendsItsOwnBytesOnly() {
        NcclProcessGroup group = join(LONG);
        byte[] own = new byte[299];
        new Random(5).nextBytes(own);
        List<byte[]> all = group.exchange(own);
        assertThat(all).hasSize(WORLD);
        assertThat(all.get(0)).isEmpty();
        assertThat(all.get(RANK)).isEqualTo(own);
        assertThat(all.get(2)).hasSize(200);
        assertThat(Arrays.copyOf(all.get(2), 13)).containsExactly(-56, 0, 0, 0, 0, 0, -55, 0, 0, 0, 0, 0, -54);
        assertThat(gpu.calls())
                .filteredOn(call -> call.startsWith("allGather"))
                .extracting(call -> call.split(" ")[3])
                .containsExactly("1", "50");
    }

    @Test
    void bytesSurvivePacking() {
        Random random = new Random(6);
        for (int size = 0; size < 20; size++) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            double[] packed = PackedBytes.pack(bytes, PackedBytes.numbers(size) + 1);
            double[] shifted = new double[packed.length + 3];
            System.arraycopy(packed, 0, shifted, 3, packed.length);
            assertThat(PackedBytes.unpack(shifted, 3, size)).isEqualTo(bytes);
        }
    }

    @Test
    void leavingWaitsAndFreesEverythingOnce() {
        NcclProcessGroup group = join(LONG);
        group.allReduce(new double[1]);
        group.allReduce(manager.zeros(new Shape(3)));
        gpu.clear();
        group.close();
        group.close();
        assertThat(gpu.calls())
                .containsExactlyInAnyOrder(
                        "destroy 77", "destroyEvent 101", "destroyEvent 100", "destroyStream 88", "free");
        assertThat(failure.get()).isEmpty();
    }

    @Test
    void anAsynchronousErrorAbortsAndIsTheFirstCauseOfAllThatFollows() throws InterruptedException {
        NcclProcessGroup group = join(LONG);
        gpu.reached = false;
        Pending pending = group.startReduceScatter(manager.zeros(new Shape(3)), manager.zeros(new Shape(1)));
        gpu.asyncError = 6;
        gpu.abort.await();
        String cause = "rank 1: NCCL reports text of 6, reduceScatter of 3 F32";
        gpu.reached = true;
        gpu.clear();
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(pending::finish)
                .withMessage(cause);
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(() -> group.allReduce(manager.zeros(new Shape(1))))
                .withMessage(cause);
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(group::close)
                .withMessage(cause);
        // The communicator is gone and must not be touched.
        assertThat(gpu.calls()).isEmpty();
    }

    @Test
    void anOperationThatIsNotDoneByTheDeadlineIsAborted() {
        NcclProcessGroup group = join(SHORT);
        gpu.reached = false;
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(group::barrier)
                .withMessage(
                        "rank 1: barrier was not done within 0.15 s: some rank did not come to it, or the network is"
                                + " down");
        assertThatExceptionOfType(CollectiveException.class).isThrownBy(group::close);
        assertThat(gpu.calls()).contains("abort 77").noneMatch(call -> call.startsWith("destroy"));
    }

    @Test
    void aCallThatHangsInsideNcclIsAbortedAtTheDeadline() {
        NcclProcessGroup group = join(SHORT);
        gpu.hanging = "groupEnd";
        gpu.reached = false;
        NDArray rows = manager.zeros(new Shape(3, 2));
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(() -> group.allToAll(rows, new long[] {1, 1, 1}, rows, new long[] {1, 1, 1}))
                .withMessageContaining("allToAll of rows of 2 was not done within 0.15 s");
        assertThat(gpu.calls()).contains("abort 77");
    }

    @Test
    void aFailureElsewhereAbortsAndWakesAWaitingRank() {
        NcclProcessGroup group = join(LONG);
        gpu.reached = false;
        Thread elsewhere = new Thread(() -> failure.set("process 2 has gone", null));
        elsewhere.start();
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(group::barrier)
                .withMessage("process 2 has gone");
        assertThatExceptionOfType(CollectiveException.class).isThrownBy(group::close);
        assertThat(gpu.calls()).contains("abort 77");
    }

    @Test
    void onlyTheFirstCauseOfARankCounts() {
        NcclProcessGroup group = join(LONG);
        IllegalStateException cause = new IllegalStateException("no batch");
        group.fail(cause);
        group.fail(new IllegalStateException("later"));
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(group::barrier)
                .withMessage("rank 1 failed: java.lang.IllegalStateException: no batch")
                .withRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRefusalOfNcclFailsTheGroup() {
        NcclProcessGroup group = join(LONG);
        gpu.failing = "allReduce";
        NDArray array = manager.zeros(new Shape(2));
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(() -> group.allReduce(array))
                .withMessage("rank 1, allReduce of 2 F32: allReduce failed: as asked");
        assertThat(failure.get()).isPresent();
    }

    @Test
    void ranksThatDoNotJoinAreNotAwaitedForEver() {
        gpu.hanging = "initialize";
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(() -> NcclProcessGroup.join(
                        gpu, gpu, new NcclMember(RANK, WORLD, 1), new byte[Nccl.UNIQUE_ID_BYTES], failure, SHORT))
                .withMessage("rank 1: not all of 3 ranks joined NCCL's communicator within 0.15 s");
        gpu.abort.countDown();
    }

    @Test
    void aDeviceThatIsNotThereIsSaid() {
        gpu.failing = "setDevice";
        assertThatExceptionOfType(CollectiveException.class)
                .isThrownBy(() -> NcclProcessGroup.join(
                        gpu, gpu, new NcclMember(RANK, WORLD, 7), new byte[Nccl.UNIQUE_ID_BYTES], failure, SHORT))
                .withMessage("rank 1: cudaSetDevice failed: invalid device ordinal");
    }

    @Test
    void argumentsAreJudgedAsInOneProcess() {
        NcclProcessGroup group = join(LONG);
        NDArray five = manager.zeros(new Shape(5));
        NDArray two = manager.zeros(new Shape(2));
        long[] rows = {1, 1, 0};
        assertThatThrownBy(() -> group.reduceScatter(five, two))
                .hasMessage("reduceScatter over 3 ranks: a shard of 2 elements and a full array of 5");
        assertThatThrownBy(() -> group.allGather(two, five)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.broadcast(two, 3)).hasMessage("root 3 in a group of 3");
        assertThatThrownBy(() -> group.allToAll(five, rows, two, rows))
                .hasMessageContaining("5 rows, divided as [1, 1, 0] over 3 ranks");
        assertThatThrownBy(() -> group.allToAll(manager.zeros(new Shape(2, 2)), rows, two, rows))
                .hasMessageContaining("rows of 2 elements cannot be received as rows of 1");
        assertThatThrownBy(() -> group.allGather(bf16(2), manager.zeros(new Shape(6))))
                .hasMessage("allGather from BF16 into F32; it must be the same");
        assertThatThrownBy(() -> group.allToAll(bf16(2), rows, two, rows))
                .hasMessage("allToAll from BF16 into F32; it must be the same");
        assertThatThrownBy(() -> group.allReduce(manager.zeros(new Shape(2), DataType.UINT8)))
                .hasMessage("allReduce of U8; only floating-point arrays are summed");
        assertThatThrownBy(() -> group.allReduce(manager.zeros(new Shape(2, 3)).transpose()))
                .hasMessageContaining("not contiguous");
        assertThatThrownBy(() -> new NcclMember(3, 3, 0)).hasMessage("rank 3 in a group of 3");
        assertThat(gpu.calls()).isEmpty();
        assertThat(failure.get()).isEmpty();
    }

    @Test
    void listenersAreToldOnceAndLateOnesAtOnce() {
        List<String> told = new ArrayList<>();
        failure.onFailure(each -> told.add("early " + each.getMessage()));
        failure.set("first", null);
        failure.set("second", null);
        failure.onFailure(each -> told.add("late " + each.getMessage()));
        assertThat(told).containsExactly("early first", "late first");
    }
}
