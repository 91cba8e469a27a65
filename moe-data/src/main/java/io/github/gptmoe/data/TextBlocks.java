package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Text files cut into blocks at fixed byte positions, by their sizes alone. A document belongs to the block in which its line
 * begins, so the blocks together have every document once.
 */
final class TextBlocks {
    private final List<SourceFile> files = new ArrayList<>();
    private final long[] sizes;
    private final long[] firstBlocks;
    private final int blockBytes;
    private final long count;

    /** The bytes {@code from} to {@code to}, excluded, of a file that has {@code fileBytes}. */
    record Block(SourceFile file, long fileBytes, long from, long to) {}

    TextBlocks(List<Path> paths, int blockBytes) {
        this.blockBytes = blockBytes;
        sizes = new long[paths.size()];
        firstBlocks = new long[paths.size()];
        long blocks = 0;
        for (int i = 0; i < sizes.length; i++) {
            SourceFile file = seekable(paths.get(i));
            files.add(file);
            sizes[i] = size(file.path());
            firstBlocks[i] = blocks;
            blocks += (sizes[i] + blockBytes - 1) / blockBytes;
        }
        count = blocks;
    }

    private static SourceFile seekable(Path path) {
        SourceFile file = SourceFile.require(path);
        if (file.compression() != SourceFile.Compression.NONE) {
            throw InputException.configuration(path
                    + ": data.tokenize \"stream\" reads parts of files in a shuffled order, which compressed files do not"
                    + " allow; decompress it, or use data.tokenize \"ahead\"");
        }
        return file;
    }

    private static long size(Path path) {
        try {
            return Files.size(path);
        } catch (IOException failed) {
            throw DocumentReader.unreadable(path, failed);
        }
    }

    /** Blocks of all files. */
    long count() {
        return count;
    }

    /** A block by its number, from 0, in the order of the files. */
    Block block(long number) {
        if (number < 0 || number >= count) {
            throw new IndexOutOfBoundsException("block " + number + " of " + count);
        }
        int file = Arrays.binarySearch(firstBlocks, number);
        if (file < 0) {
            file = -file - 2;
        }
        while (sizes[file] == 0) {
            file++; // an empty file has the number of the block after it
        }
        long from = (number - firstBlocks[file]) * blockBytes;
        return new Block(files.get(file), sizes[file], from, Math.min(sizes[file], from + blockBytes));
    }
}
