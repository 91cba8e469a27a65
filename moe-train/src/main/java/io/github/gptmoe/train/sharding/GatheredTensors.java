package io.github.gptmoe.train.sharding;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.core.model.ArrayFile;
import io.github.gptmoe.core.safetensors.ByteSink;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.TensorSource;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.optim.StateShard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tensors whose parts lie on different ranks, written as whole ones: rank 0 writes, in whatever order, and asks the others for
 * what it lacks, a stretch at a time; they {@link #serve} until it is done. Nothing is ever together in memory.
 *
 * <pre>
 * rank 0:  try (tensors) { write(tensors.sources()); tensors.succeeded(); }
 * others:  tensors.serve()
 * </pre>
 *
 * <p>Those who serve take a rank 0 that is silent for the group's time limit for stuck, so whatever it does besides writing
 * tensors (checking what was written, deleting what is old) has to call {@link #stillWriting} as it goes on.
 */
public final class GatheredTensors implements AutoCloseable {
    private static final long STRETCH = 1L << 24;

    /** How often the others hear of this rank at least while it reports: far below any limit on how long they wait. */
    private static final long ALIVE_NANOS = 250_000_000;

    private static final int STILL_WRITING = 0;
    private static final int SEND = 1;
    private static final int SUCCEEDED = 2;
    private static final int FAILED = 3;

    private final NDManager owner;
    private final ProcessGroup ranks;
    private final List<StateShard> own;
    private final Map<String, WholeTensor> whole;
    private boolean succeeded;
    private long toldAt;

    private GatheredTensors(NDManager owner, ProcessGroup ranks, List<StateShard> own, Map<String, WholeTensor> whole) {
        this.owner = owner;
        this.ranks = ranks;
        this.own = own;
        this.whole = whole;
        toldAt = System.nanoTime();
    }

    /**
     * Finds out who has what. A collective operation.
     *
     * @param owner manager of temporaries
     * @param ranks all ranks
     * @param own what this rank has, perhaps nothing; parts that several ranks have must be equal there
     * @return the tensors
     */
    public static GatheredTensors of(NDManager owner, ProcessGroup ranks, List<StateShard> own) {
        Map<String, WholeTensor> whole = new TreeMap<>();
        int rank = 0;
        for (byte[] described : ranks.exchange(WholeTensor.describe(own))) {
            WholeTensor.merge(whole, rank++, described);
        }
        whole.values().forEach(WholeTensor::requireComplete);
        return new GatheredTensors(owner, ranks, List.copyOf(own), whole);
    }

    /**
     * The whole tensors, on rank 0.
     *
     * @return sorted by name; each may be written once, before {@link #close}
     */
    public List<TensorSource> sources() {
        return whole.values().stream().<TensorSource>map(Source::new).toList();
    }

    /** Tells, on rank 0, that everything has been written. */
    public void succeeded() {
        succeeded = true;
    }

    /**
     * Tells the other ranks, from rank 0 and its thread, that it is alive. May be called as often as there is something to
     * report; few calls send anything.
     */
    public void stillWriting() {
        long now = System.nanoTime();
        if (now - toldAt >= ALIVE_NANOS) {
            command(STILL_WRITING, 0, 0, 0, 0);
        }
    }

    /** Lets the other ranks go on, and tells them how it ended. */
    @Override
    public void close() {
        command(succeeded ? SUCCEEDED : FAILED, 0, 0, 0, 0);
    }

    /**
     * Sends rank 0 what it asks for until it is done, on every other rank.
     *
     * @return whether it succeeded
     */
    public boolean serve() {
        while (true) {
            long[] wanted = command(0, 0, 0, 0, 0);
            switch ((int) wanted[0]) {
                case SEND -> send((int) wanted[1], (int) wanted[2], wanted[3], wanted[4]);
                case SUCCEEDED -> {
                    return true;
                }
                case FAILED -> {
                    return false;
                }
                default -> {
                    // still writing
                }
            }
        }
    }

    private long[] command(long... numbers) {
        double[] sums = ranks.allReduce(Arrays.stream(numbers).asDoubleStream().toArray());
        toldAt = System.nanoTime();
        return Arrays.stream(sums).mapToLong(number -> (long) number).toArray();
    }

    private void send(int rank, int index, long start, long length) {
        long[] none = new long[ranks.worldSize()];
        try (NDManager scope = owner.newSubManager()) {
            if (rank != ranks.rank()) {
                NDArray nothing = nothing(scope, SafetensorType.F32);
                ranks.allToAll(nothing, none, nothing, none);
                return;
            }
            long[] toFirst = none.clone();
            toFirst[0] = length;
            NDArray part = stretch(scope, index, start, length);
            ranks.allToAll(on(scope, part), toFirst, nothing(scope, ArrayFile.typeOf(part)), none);
        }
    }

    /** What an exchange has on the side that nothing goes through; an exchange is of one type. */
    private static NDArray nothing(NDManager scope, SafetensorType type) {
        return ArrayFile.zeros(scope, type, new Shape(0));
    }

    /** A stretch of what this rank has, where it has it. */
    private NDArray stretch(NDManager scope, int index, long start, long length) {
        return FlatArrays.view(scope, own.get(index).array(), start, new Shape(length));
    }

    /**
     * The array itself, or a copy if it is not on the device of {@code scope}: ranks exchange arrays of their devices, and files
     * are written from the host.
     */
    private static NDArray on(NDManager scope, NDArray array) {
        if (array.getDevice().equals(scope.getDevice())) {
            return array;
        }
        NDArray copy = ArrayFile.zeros(scope, ArrayFile.typeOf(array), array.getShape());
        Precision.copy(copy, array);
        return copy;
    }

    /** Writes one tensor on rank 0. */
    private final class Source implements TensorSource {
        private final WholeTensor tensor;

        Source(WholeTensor tensor) {
            this.tensor = tensor;
        }

        @Override
        public String name() {
            return tensor.name();
        }

        @Override
        public SafetensorType type() {
            return tensor.type();
        }

        @Override
        public long[] shape() {
            return tensor.shape().getShape();
        }

        @Override
        public void writeTo(ByteSink sink) throws IOException {
            for (WholeTensor.Piece piece : tensor.pieces()) {
                for (long start = 0; start < piece.length(); start += STRETCH) {
                    stillWriting(); // what is on this rank is not asked for
                    write(sink, piece, start, Math.min(STRETCH, piece.length() - start));
                }
            }
        }

        private void write(ByteSink sink, WholeTensor.Piece piece, long start, long length) throws IOException {
            try (NDManager scope = owner.newSubManager();
                    NDManager host = scope.newSubManager(Device.cpu())) {
                NDArray array = piece.rank() == 0
                        ? stretch(scope, piece.index(), start, length)
                        : receive(scope, piece, start, length);
                for (ByteBuffer buffer :
                        TensorStorage.of(on(host, array), length * tensor.type().bytes())) {
                    sink.write(buffer);
                }
            }
        }

        private NDArray receive(NDManager scope, WholeTensor.Piece piece, long start, long length) {
            command(SEND, piece.rank(), piece.index(), start, length);
            NDArray array = ArrayFile.zeros(scope, tensor.type(), new Shape(length));
            long[] fromOwner = new long[ranks.worldSize()];
            fromOwner[piece.rank()] = length;
            ranks.allToAll(nothing(scope, tensor.type()), new long[ranks.worldSize()], array, fromOwner);
            return array;
        }
    }
}
