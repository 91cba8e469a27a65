package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors spread over as many files as it takes to keep each below a size. A tensor is never cut: one that is larger than
 * the size has a file of its own, which is then larger too.
 *
 * @param name what the one file would be called, for example {@code weights.safetensors}
 * @param shards the tensors of each file, in the given order; one list where one file is enough
 */
public record ShardSplit(String name, List<List<TensorSource>> shards) {
    // More than an entry can take beside its name: keys, type, brackets, and offsets of 19 digits.
    private static final int ENTRY_BYTES = 128;
    private static final int DIMENSION_BYTES = 20;
    // A character of a name is at most \\uXXXX.
    private static final int CHARACTER_BYTES = 6;

    /**
     * Copies the lists.
     *
     * @param name what the one file would be called
     * @param shards the tensors of each file
     */
    public ShardSplit {
        shards = shards.stream().map(List::copyOf).toList();
    }

    /**
     * Spreads tensors.
     *
     * @param name what the one file would be called
     * @param metadata header pairs that every file will have
     * @param tensors what is to be stored; order is kept
     * @param maxBytes largest size of a file, header included
     * @return a split into one file where all tensors fit into one
     * @throws IOException if the tensors cannot be stored
     */
    public static ShardSplit of(
            String name, Map<String, String> metadata, List<? extends TensorSource> tensors, long maxBytes)
            throws IOException {
        if (tensors.size() <= 1 || SafetensorsWriter.byteCount(metadata, tensors) <= maxBytes) {
            return new ShardSplit(name, List.of(List.copyOf(tensors)));
        }
        long emptyBytes = SafetensorsWriter.byteCount(metadata, List.of()) + ENTRY_BYTES;
        List<List<TensorSource>> shards = new ArrayList<>();
        List<TensorSource> current = new ArrayList<>();
        long bytes = emptyBytes;
        for (TensorSource tensor : tensors) {
            long more = mostBytes(tensor);
            if (!current.isEmpty() && bytes + more > maxBytes) {
                shards.add(current);
                current = new ArrayList<>();
                bytes = emptyBytes;
            }
            current.add(tensor);
            bytes += more;
        }
        shards.add(current);
        return new ShardSplit(name, shards);
    }

    private static long mostBytes(TensorSource tensor) {
        return dataBytes(tensor)
                + ENTRY_BYTES
                + (long) DIMENSION_BYTES * tensor.shape().length
                + (long) CHARACTER_BYTES * tensor.name().length();
    }

    private static long dataBytes(TensorSource tensor) {
        long elements = 1;
        for (long size : tensor.shape()) {
            elements *= size;
        }
        return elements * tensor.type().bytes();
    }

    /**
     * Whether there are several files, and so an index.
     *
     * @return false where one file holds all
     */
    public boolean isSplit() {
        return shards.size() > 1;
    }

    /**
     * The name of one file.
     *
     * @param shard counted from 0
     * @return the plain name where there is one file, else a numbered one
     */
    public String fileName(int shard) {
        return isSplit() ? ShardIndex.shardName(name, shard + 1, shards.size()) : name;
    }

    /**
     * The index of the files.
     *
     * @param metadata pairs to put beside the total size
     * @return which file will hold which tensor
     */
    public ShardIndex index(Map<String, String> metadata) {
        Map<String, String> fileByTensor = new LinkedHashMap<>();
        long total = 0;
        for (int shard = 0; shard < shards.size(); shard++) {
            for (TensorSource tensor : shards.get(shard)) {
                if (fileByTensor.put(tensor.name(), fileName(shard)) != null) {
                    throw new IllegalArgumentException(name + ": two tensors are called " + tensor.name());
                }
                total += dataBytes(tensor);
            }
        }
        return new ShardIndex(metadata, total, fileByTensor);
    }
}
