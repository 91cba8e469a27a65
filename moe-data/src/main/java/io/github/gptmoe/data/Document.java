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
    /** Names a place, to begin a message with. */
    static String place(Path file, long line, long byteOffset) {
        return file + (line == 0 ? "" : ", line " + line) + ", byte " + byteOffset + ": ";
    }
}
