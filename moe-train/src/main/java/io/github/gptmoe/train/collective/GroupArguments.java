package io.github.gptmoe.train.collective;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.model.ArrayFile;
import io.github.gptmoe.core.safetensors.SafetensorType;
import java.util.Arrays;

/** What every group demands of its arguments, before anything is awaited or sent. */
final class GroupArguments {
    private GroupArguments() {}

    static void requireShard(String operation, NDArray full, NDArray shard, int worldSize) {
        if (shard.size() * worldSize != full.size()) {
            throw new IllegalArgumentException(operation + " over " + worldSize + " ranks: a shard of " + shard.size()
                    + " elements and a full array of " + full.size());
        }
    }

    static void requireRoot(int root, int worldSize) {
        if (root < 0 || root >= worldSize) {
            throw new IllegalArgumentException("root " + root + " in a group of " + worldSize);
        }
    }

    /** Bytes that are not numbers have no sum. */
    static void requireSummable(String operation, NDArray array) {
        if (ArrayFile.typeOf(array) == SafetensorType.U8) {
            throw new IllegalArgumentException(operation + " of U8; only floating-point arrays are summed");
        }
    }

    /** Groups move bytes between ranks and do not convert them. */
    static void requireSameType(String operation, NDArray from, NDArray into) {
        SafetensorType type = ArrayFile.typeOf(from);
        if (type != ArrayFile.typeOf(into)) {
            throw new IllegalArgumentException(
                    operation + " from " + type + " into " + ArrayFile.typeOf(into) + "; it must be the same");
        }
    }

    /** What {@code allToAll} demands on a rank. */
    static void requireExchange(NDArray input, long[] sent, NDArray output, long[] received, int worldSize) {
        requireRows("input", input, sent, worldSize);
        requireRows("output", output, received, worldSize);
        requireSameType("allToAll", input, output);
        if (rowSize(input) != rowSize(output)) {
            throw new IllegalArgumentException("allToAll: rows of " + rowSize(input)
                    + " elements cannot be received as rows of " + rowSize(output));
        }
    }

    private static void requireRows(String which, NDArray array, long[] rows, int worldSize) {
        if (rows.length != worldSize
                || Arrays.stream(rows).sum() != array.getShape().get(0)) {
            throw new IllegalArgumentException(
                    "allToAll: the " + which + " has " + array.getShape().get(0) + " rows, divided as "
                            + Arrays.toString(rows) + " over " + worldSize + " ranks");
        }
    }

    /** Elements of one row. */
    static long rowSize(NDArray array) {
        return array.getShape().slice(1).size();
    }

    static long bytes(NDArray array) {
        return array.size() * ArrayFile.typeOf(array).bytes();
    }

    /** How messages name an array. */
    static String size(NDArray array) {
        return array.size() + " " + ArrayFile.typeOf(array);
    }
}
