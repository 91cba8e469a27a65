package io.github.gptmoe.data;

import java.nio.file.Path;

/**
 * A row that cannot be used. Offsets count bytes of the decompressed file from 0.
 *
 * @param file where it is
 * @param line its line, from 1; 0 where nobody has counted them
 * @param byteOffset of its first byte
 * @param problemOffset of the first byte that is wrong, or of its first byte where it is wrong as a whole
 * @param reason what is wrong
 * @param raw its bytes, the line end excluded; of one above the limit only the first ones
 * @param rowBytes how many it has
 */
@SuppressWarnings("ArrayRecordComponent") // Passed from the reader to the quarantine, never compared.
public record BadRow(
        Path file, long line, long byteOffset, long problemOffset, String reason, byte[] raw, long rowBytes) {
    /** For a message: where it is and what is wrong. */
    String description() {
        return Document.place(file, line, problemOffset) + reason;
    }
}
