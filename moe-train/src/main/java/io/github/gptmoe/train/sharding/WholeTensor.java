package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.model.ArrayFile;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.train.optim.StateShard;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A tensor and where its parts are.
 *
 * @param name name of the whole
 * @param type of its elements
 * @param shape of the whole
 * @param pieces in order, together the whole
 */
record WholeTensor(String name, SafetensorType type, Shape shape, List<Piece> pieces) {
    /**
     * A part.
     *
     * @param rank the lowest rank that has it
     * @param index its place in that rank's list
     * @param from first element
     * @param length number of elements
     */
    record Piece(int rank, int index, long from, long length) {}

    /** What a rank tells the others about its list. */
    static byte[] describe(List<StateShard> own) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(own.size());
            for (StateShard shard : own) {
                out.writeUTF(shard.name());
                out.writeUTF(ArrayFile.typeOf(shard.array()).name());
                out.writeInt(shard.shape().dimension());
                for (long size : shard.shape().getShape()) {
                    out.writeLong(size);
                }
                out.writeLong(shard.from());
                out.writeLong(shard.array().size());
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** Adds what the next rank has; ranks in order. */
    static void merge(Map<String, WholeTensor> whole, int rank, byte[] described) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(described))) {
            int count = in.readInt();
            for (int index = 0; index < count; index++) {
                String name = in.readUTF();
                SafetensorType type = SafetensorType.valueOf(in.readUTF());
                long[] sizes = new long[in.readInt()];
                for (int axis = 0; axis < sizes.length; axis++) {
                    sizes[axis] = in.readLong();
                }
                whole.computeIfAbsent(name, key -> new WholeTensor(key, type, new Shape(sizes), new ArrayList<>()))
                        .add(new Piece(rank, index, in.readLong(), in.readLong()));
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Ranks own disjoint parts in their order, or all the same. */
    private void add(Piece piece) {
        long end = pieces.isEmpty() ? 0 : last().from + last().length;
        if (piece.from >= end) {
            pieces.add(piece);
        }
    }

    private Piece last() {
        return pieces.get(pieces.size() - 1);
    }

    void requireComplete() {
        long end = 0;
        for (Piece piece : pieces) {
            if (piece.from != end) {
                break;
            }
            end += piece.length;
        }
        if (end != shape.size()) {
            throw new IllegalStateException(
                    name + " of shape " + shape + " is not complete: elements from " + end + " on are on no rank");
        }
    }
}
