package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A text file that is packed, as it was when its packing began.
 *
 * @param file where it is, with the name as it was found
 * @param bytes size on disk
 * @param changed time of its last change
 * @param sha256 of its whole content on disk
 */
record PackInput(Path file, long bytes, FileTime changed, String sha256) {
    /** Reads the whole file. */
    static PackInput of(Path file) {
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            long bytes = Files.size(file);
            return new PackInput(file, bytes, changed, Hashes.sha256(file));
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }

    /** Its path with forward slashes, so that descriptions are equal on every system. */
    String shown() {
        return file.toString().replace('\\', '/');
    }
}
