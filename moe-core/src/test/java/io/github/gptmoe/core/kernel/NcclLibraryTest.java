package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NcclLibraryTest {
    private static final long COMMUNICATOR = 0x7f00_0000_1234L;
    private static final long STREAM = 0x7f00_0000_5678L;
    /** More than 32 bits hold. */
    private static final long COUNT = 5_000_000_000L;

    private final NativeFake fake = new NativeFake();
    private final NcclLibrary nccl =
            new NcclLibrary(fake.with("ncclGetErrorString", (NativeFake.Text) code -> "text of " + code));

    @TempDir
    Path folder;

    private static byte[] id() {
        byte[] id = new byte[Nccl.UNIQUE_ID_BYTES];
        new Random(3).nextBytes(id);
        return id;
    }

    @Test
    void theUniqueIdTravelsByValue() {
        byte[] id = id();
        byte[][] seen = new byte[1][];
        fake.with("ncclCommInitRank", (NativeFake.Initialize) (communicator, ranks, value, rank) -> {
            seen[0] = value.internal.clone();
            communicator.setPointer(0, new Pointer(COMMUNICATOR));
            return fake.called("init", ranks, rank);
        });
        assertThat(nccl.initialize(16, id, 11)).isEqualTo(COMMUNICATOR);
        assertThat(seen[0]).isEqualTo(id);
        assertThat(fake.calls).containsExactly("init 16 11");
        assertThatThrownBy(() -> nccl.initialize(2, new byte[127], 0)).hasMessageContaining("127 bytes");
    }

    @Test
    void theUniqueIdIsRead() {
        byte[] id = id();
        fake.with("ncclGetUniqueId", (NativeFake.One) into -> {
            into.write(0, id, 0, id.length);
            return fake.called("id");
        });
        assertThat(nccl.uniqueId()).isEqualTo(id);
    }

    @Test
    void operationsHandOverWhatNcclExpects() {
        fake.with("ncclAllReduce", (NativeFake.Reduce) (send, receive, count, type, op, comm, stream) ->
                        fake.called("allReduce", send, receive, count, type, op, comm, stream))
                .with("ncclReduceScatter", (NativeFake.Reduce) (send, receive, count, type, op, comm, stream) ->
                        fake.called("reduceScatter", send, receive, count, type, op, comm, stream))
                .with("ncclAllGather", (NativeFake.Gather) (send, receive, count, type, comm, stream) ->
                        fake.called("allGather", send, receive, count, type, comm, stream))
                .with("ncclBroadcast", (NativeFake.Reduce) (send, receive, count, type, root, comm, stream) ->
                        fake.called("broadcast", send, receive, count, type, root, comm, stream))
                .with("ncclSend", (NativeFake.PeerToPeer) (buffer, count, type, peer, comm, stream) ->
                        fake.called("send", buffer, count, type, peer, comm, stream))
                .with("ncclRecv", (NativeFake.PeerToPeer) (buffer, count, type, peer, comm, stream) ->
                        fake.called("receive", buffer, count, type, peer, comm, stream))
                .with("ncclGroupStart", (NativeFake.None) () -> fake.called("start"))
                .with("ncclGroupEnd", (NativeFake.None) () -> fake.called("end"))
                .with("ncclCommAbort", (NativeFake.One) comm -> fake.called("abort", comm))
                .with("ncclCommDestroy", (NativeFake.One) comm -> fake.called("destroy", comm));
        nccl.allReduce(0xa0, 0xb0, COUNT, NcclType.FLOAT32, COMMUNICATOR, STREAM);
        nccl.reduceScatter(0xa0, 0xb0, COUNT, NcclType.BFLOAT16, COMMUNICATOR, STREAM);
        nccl.allGather(0xa0, 0xb0, COUNT, NcclType.FLOAT64, COMMUNICATOR, STREAM);
        nccl.broadcast(0xa0, COUNT, NcclType.FLOAT32, 3, COMMUNICATOR, STREAM);
        nccl.groupStart();
        nccl.send(0xa0, COUNT, NcclType.BFLOAT16, 5, COMMUNICATOR, STREAM);
        nccl.receive(0xb0, COUNT, NcclType.BFLOAT16, 6, COMMUNICATOR, 0);
        nccl.groupEnd();
        nccl.abort(COMMUNICATOR);
        nccl.destroy(COMMUNICATOR);
        assertThat(fake.calls)
                .containsExactly(
                        "allReduce 0xa0 0xb0 5000000000 7 0 0x7f0000001234 0x7f0000005678",
                        "reduceScatter 0xa0 0xb0 5000000000 9 0 0x7f0000001234 0x7f0000005678",
                        "allGather 0xa0 0xb0 5000000000 8 0x7f0000001234 0x7f0000005678",
                        "broadcast 0xa0 0xa0 5000000000 7 3 0x7f0000001234 0x7f0000005678",
                        "start ",
                        "send 0xa0 5000000000 9 5 0x7f0000001234 0x7f0000005678",
                        "receive 0xb0 5000000000 9 6 0x7f0000001234 0x0",
                        "end ",
                        "abort 0x7f0000001234",
                        "destroy 0x7f0000001234");
    }

    @Test
    void errorsCarryTheFunctionAndNcclsText() {
        fake.with("ncclGroupStart", (NativeFake.None) () -> fake.called("start"));
        fake.result = 5;
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(nccl::groupStart)
                .withMessage("ncclGroupStart failed: text of 5 (ncclResult_t 5); NCCL_DEBUG=WARN shows more");
    }

    @Test
    void versionsAndAsynchronousErrorsAreRead() {
        fake.with("ncclGetVersion", (NativeFake.One) into -> {
                    into.setInt(0, 22602);
                    return 0;
                })
                .with("ncclCommGetAsyncError", (NativeFake.Two) (comm, into) -> {
                    into.setInt(0, 6);
                    return fake.called("async", comm);
                });
        assertThat(nccl.version()).isEqualTo(22602);
        assertThat(nccl.asyncError(COMMUNICATOR)).isEqualTo(6);
        assertThat(fake.calls).containsExactly("async 0x7f0000001234");
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void elementsAreAsLongAsThePrecisionSays(Precision precision) {
        assertThat(NcclType.of(precision).bytes()).isEqualTo(precision.bytes());
    }

    @Test
    void anArraysTypeIsKnownWhateverItHolds() {
        KernelModule.enter();
        try (NDManager scope = NDManager.newBaseManager()) {
            assertThat(NcclType.of(Precision.BF16.zeros(scope, new Shape(2)))).isEqualTo(NcclType.BFLOAT16);
            NcclType bytes = NcclType.of(scope.zeros(new Shape(2), DataType.UINT8));
            assertThat(bytes).isEqualTo(NcclType.UINT8);
            assertThat(bytes.number()).isEqualTo(1);
            assertThat(bytes.bytes()).isEqualTo(1);
            NDArray other = scope.zeros(new Shape(2), DataType.INT64);
            assertThatThrownBy(() -> NcclType.of(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("int64");
        }
    }

    @Test
    void theLibraryThatLibtorchBringsComesFirst() throws IOException {
        Path hashed = Files.createFile(folder.resolve("libnccl-1a2b.so.2"));
        assertThat(NcclLibrary.candidates(folder, Map.of()))
                .containsExactly(
                        folder.resolve(System.mapLibraryName("torch_cuda")).toString(),
                        hashed.toString(),
                        "libnccl.so.2");
        assertThat(NcclLibrary.candidates(folder.resolve("none"), Map.of())).hasSize(2);
    }

    @Test
    void aMissingLibraryIsSaidWithAllPlacesAndTheRemedy() throws IOException {
        String broken =
                Files.writeString(folder.resolve("libbroken.so"), "no library").toString();
        String missing = folder.resolve("libmissing.so").toString();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(
                        () -> NativeSymbols.search("X", "f", List.of(missing, broken, "libno-such-thing.so"), "buy it"))
                .withMessageStartingWith(
                        "X was not found; buy it. Looked at " + missing + ": no such file; " + broken + ": ")
                .withMessageContaining("; libno-such-thing.so: ");
    }

    @Test
    void aNamedLibraryIsTheOnlyOneTried() {
        String named = folder.resolve("other/libnccl.so.2").toString();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> NcclLibrary.load(folder, Map.of(NcclLibrary.VARIABLE, named)))
                .withMessageContaining("correct MOE_NCCL_LIBRARY")
                .withMessageEndingWith("Looked at " + named + ": no such file");
    }

    @Test
    void aLibraryWithoutTheFunctionsIsNotTaken() {
        // libtorch's CPU library is a library, but not NCCL.
        String other = NativeSymbols.libtorch()
                .resolve(System.mapLibraryName("torch_cpu"))
                .toString();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> NcclLibrary.load(folder, Map.of(NcclLibrary.VARIABLE, other)))
                .withMessageContaining(other)
                .withMessageContaining("ncclCommInitRank");
    }
}
