package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsWriter;
import io.github.gptmoe.core.safetensors.ShardIndex;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One file of a checkpoint as the manifest knows it.
 *
 * @param name plain file name inside the checkpoint folder
 * @param bytes size of the file
 * @param sha256 SHA-256 of the whole file, 64 hexadecimal digits
 * @param crc32c CRC-32C of every MiB, in order, the last one of what is left: they tell which range is damaged
 */
public record FileEntry(String name, long bytes, String sha256, List<Long> crc32c) {
    /** Bytes that one CRC covers: 1 MiB. */
    public static final int CHUNK_BYTES = SafetensorsWriter.CHUNK_BYTES;

    // No separators, no leading dot: a name can never lead out of the folder.
    private static final Pattern PLAIN_NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.safetensors(?:\\.index\\.json)?");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final long MAX_CRC = 0xffff_ffffL;

    /**
     * Checks the fields and copies the list.
     *
     * @param name plain file name
     * @param bytes size of the file
     * @param sha256 SHA-256 in hexadecimal digits
     * @param crc32c CRC-32C of every MiB
     */
    public FileEntry {
        if (!PLAIN_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "not a plain name that ends in .safetensors or .safetensors.index.json: " + name);
        }
        crc32c = List.copyOf(crc32c);
        if (!SHA_256.matcher(sha256).matches()) {
            throw new IllegalArgumentException(name + ": not a SHA-256: " + sha256);
        }
        long chunks = bytes / CHUNK_BYTES + (bytes % CHUNK_BYTES == 0 ? 0 : 1);
        if (bytes < 0 || crc32c.size() != chunks || crc32c.stream().anyMatch(crc -> crc < 0 || crc > MAX_CRC)) {
            throw new IllegalArgumentException(name + ": " + crc32c.size() + " checksums for " + bytes + " bytes");
        }
    }

    /** Whether this is an index of several files, not a file of tensors. */
    boolean isIndex() {
        return ShardIndex.isIndexName(name);
    }
}
