package io.github.gptmoe.data;

import java.nio.file.Path;

/**
 * One document and the place it came from.
 *
 * @param file the file
 * @param line its line in the file, from 1; 0 where nobody has counted them, because reading began inside the file
 * @param byteOffset where that line starts in the decompressed file, in bytes from 0
 * @param text the text: valid Unicode, not blank, no NUL
 */
public record Document(Path file, long line, long byteOffset, String text) {
    /** Names a place, to begin a message with; it says what bytes are counted where there are two possibilities. */
    static String place(Path file, long line, long byteOffset) {
        boolean compressed = SourceFile.of(file)
                .filter(source -> source.compression() != SourceFile.Compression.NONE)
                .isPresent();
        return file + (line == 0 ? "" : ", line " + line) + ", byte " + byteOffset
                + (compressed ? " of the decompressed text: " : ": ");
    }
}
