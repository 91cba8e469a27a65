package io.github.gptmoe.data;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A file whose parts are made, as it was when its packing began.
 *
 * @param file what messages call it
 * @param at where it is, for processes with other working folders
 * @param bytes size on disk
 * @param changed time of its last change
 */
record PartSource(String file, String at, long bytes, Instant changed) implements Serializable {
    static PartSource of(PackInput input) {
        return new PartSource(
                input.file().toString(),
                input.file().toAbsolutePath().toString(),
                input.bytes(),
                input.changed().toInstant());
    }

    DocumentReader open(DocumentReader.Position start, RowCounts counts, RowLimit limit) {
        return DocumentReader.openAt(Path.of(file), Path.of(at), start, counts, limit);
    }

    /** Fails when the file has changed since, because its tokens would not be those of the hash that was taken of it. */
    void requireUnchanged() {
        Path there = Path.of(at);
        try {
            if (Files.size(there) != bytes
                    || !Files.getLastModifiedTime(there).toInstant().equals(changed)) {
                throw InputException.environment(
                        file + ": changed while it was read; wait until its writer is done and start again");
            }
        } catch (IOException failed) {
            throw DocumentReader.unreadable(Path.of(file), failed);
        }
    }
}
