package io.github.gptmoe.core.kernel;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** NCCL through JNA. Functions are resolved when first called; a call costs about a microsecond. */
public final class NcclLibrary implements Nccl {
    /** The environment variable that names another library than libtorch's. */
    public static final String VARIABLE = "MOE_NCCL_LIBRARY";

    private static final int SUM = 0;

    private final NativeSymbols symbols;

    NcclLibrary(NativeSymbols symbols) {
        this.symbols = symbols;
    }

    /**
     * Finds NCCL: the library that {@link #VARIABLE} names, and no other if it is set; else the one in libtorch's CUDA
     * library, one beside it, or the system's {@code libnccl.so.2}.
     *
     * @return the library
     * @throws DeviceException if there is none; names all places
     */
    public static NcclLibrary load() {
        return load(NativeSymbols.libtorch(), System.getenv());
    }

    static NcclLibrary load(Path libtorch, Map<String, String> environment) {
        String remedy = environment.getOrDefault(VARIABLE, "").isEmpty()
                ? "use a CUDA build of libtorch (PYTORCH_LIBRARY_PATH names its folder), or name a libnccl.so.2 with "
                        + VARIABLE
                : "correct " + VARIABLE + ", or leave it out";
        return new NcclLibrary(NativeSymbols.search(
                "NCCL, which GPUs communicate by,", "ncclCommInitRank", candidates(libtorch, environment), remedy));
    }

    static List<String> candidates(Path libtorch, Map<String, String> environment) {
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isEmpty()) {
            return List.of(named);
        }
        List<String> candidates = new ArrayList<>(NativeSymbols.beside(libtorch, "libnccl"));
        candidates.add("libnccl.so.2");
        return candidates;
    }

    @Override
    public int version() {
        IntByReference version = new IntByReference();
        call("ncclGetVersion", version);
        return version.getValue();
    }

    @Override
    public byte[] uniqueId() {
        NcclUniqueId id = new NcclUniqueId();
        call("ncclGetUniqueId", id);
        return id.internal.clone();
    }

    @Override
    public long initialize(int worldSize, byte[] uniqueId, int rank) {
        if (uniqueId.length != UNIQUE_ID_BYTES) {
            throw new IllegalArgumentException(
                    "a unique id of " + uniqueId.length + " bytes; NCCL's have " + UNIQUE_ID_BYTES);
        }
        PointerByReference communicator = new PointerByReference();
        NcclUniqueId.Value id = new NcclUniqueId.Value();
        id.internal = uniqueId.clone();
        call("ncclCommInitRank", communicator, worldSize, id, rank);
        return Pointer.nativeValue(communicator.getValue());
    }

    @Override
    public void allReduce(long send, long receive, long count, NcclType type, long communicator, long stream) {
        call(
                "ncclAllReduce",
                new Pointer(send),
                new Pointer(receive),
                count,
                type.number(),
                SUM,
                new Pointer(communicator),
                new Pointer(stream));
    }

    @Override
    public void reduceScatter(long send, long receive, long count, NcclType type, long communicator, long stream) {
        call(
                "ncclReduceScatter",
                new Pointer(send),
                new Pointer(receive),
                count,
                type.number(),
                SUM,
                new Pointer(communicator),
                new Pointer(stream));
    }

    @Override
    public void allGather(long send, long receive, long count, NcclType type, long communicator, long stream) {
        call(
                "ncclAllGather",
                new Pointer(send),
                new Pointer(receive),
                count,
                type.number(),
                new Pointer(communicator),
                new Pointer(stream));
    }

    @Override
    public void broadcast(long buffer, long count, NcclType type, int root, long communicator, long stream) {
        call(
                "ncclBroadcast",
                new Pointer(buffer),
                new Pointer(buffer),
                count,
                type.number(),
                root,
                new Pointer(communicator),
                new Pointer(stream));
    }

    @Override
    public void send(long buffer, long count, NcclType type, int peer, long communicator, long stream) {
        call(
                "ncclSend",
                new Pointer(buffer),
                count,
                type.number(),
                peer,
                new Pointer(communicator),
                new Pointer(stream));
    }

    @Override
    public void receive(long buffer, long count, NcclType type, int peer, long communicator, long stream) {
        call(
                "ncclRecv",
                new Pointer(buffer),
                count,
                type.number(),
                peer,
                new Pointer(communicator),
                new Pointer(stream));
    }

    @Override
    public void groupStart() {
        call("ncclGroupStart");
    }

    @Override
    public void groupEnd() {
        call("ncclGroupEnd");
    }

    @Override
    public int asyncError(long communicator) {
        IntByReference error = new IntByReference();
        call("ncclCommGetAsyncError", new Pointer(communicator), error);
        return error.getValue();
    }

    @Override
    public String describe(int result) {
        return symbols.find("ncclGetErrorString").invokeString(new Object[] {result}, false) + " (ncclResult_t "
                + result + ")";
    }

    @Override
    public void abort(long communicator) {
        call("ncclCommAbort", new Pointer(communicator));
    }

    @Override
    public void destroy(long communicator) {
        call("ncclCommDestroy", new Pointer(communicator));
    }

    private void call(String function, Object... arguments) {
        int result = symbols.find(function).invokeInt(arguments);
        if (result != SUCCESS) {
            throw new DeviceException(function + " failed: " + describe(result) + "; NCCL_DEBUG=WARN shows more");
        }
    }
}
