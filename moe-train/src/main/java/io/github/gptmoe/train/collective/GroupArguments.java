package io.github.gptmoe.train.collective;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.model.ArrayFile;
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

    static void requireRows(String which, NDArray array, long[] rows, int worldSize) {
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
