package io.github.gptmoe.data;

import io.github.gptmoe.data.TextBlocks.Block;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/** Reads the documents of a block, wherever in a file it lies. The last of them may reach beyond it. */
final class BlockReader {
    private static final int SEARCH_BYTES = 1 << 13;

    private final RowCounts counts;
    private final int maxLineBytes;

    BlockReader(RowCounts counts, int maxLineBytes) {
        this.counts = counts;
        this.maxLineBytes = maxLineBytes;
    }

    /**
     * Reads a block; several threads may read several.
     *
     * @param block what to read
     * @param documents is given each in turn
     * @throws InputException if the file is not what it was, or has a row that cannot be used; with file and byte
     */
    void read(Block block, Consumer<Document> documents) {
        try (FileChannel channel = FileChannel.open(block.file().path(), StandardOpenOption.READ)) {
            requireSize(channel, block);
            long start = firstLine(channel, block);
            if (start >= block.to()) {
                return;
            }
            channel.position(start);
            DocumentRows rows = new DocumentRows(maxLineBytes, counts);
            try (LineReader lines = new LineReader(Channels.newInputStream(channel), maxLineBytes, start)) {
                while (lines.position() < block.to() && lines.next()) {
                    Document document = rows.document(block.file(), lines);
                    if (document != null) {
                        documents.accept(document);
                    }
                }
                requireSize(channel, block); // a line that was cut off meanwhile looks like any other
            }
        } catch (IOException failed) {
            throw DocumentReader.unreadable(
                    "at byte " + block.from() + ", ", block.file().path(), failed);
        }
    }

    /** Where the first line begins that begins in the block, or its end. */
    private static long firstLine(FileChannel channel, Block block) throws IOException {
        if (block.from() == 0) {
            return 0;
        }
        ByteBuffer buffer = ByteBuffer.allocate(SEARCH_BYTES);
        long at = block.from() - 1; // the block's first byte begins a line if the one before ends one
        while (at < block.to()) {
            buffer.clear();
            int read = channel.read(buffer, at);
            if (read < 0) {
                requireSize(channel, block);
            }
            for (int i = 0; i < read; i++) {
                if (buffer.get(i) == '\n') {
                    return at + i + 1;
                }
            }
            at += Math.max(read, 0);
        }
        return block.to();
    }

    private static void requireSize(FileChannel channel, Block block) throws IOException {
        long now = channel.size();
        if (now != block.fileBytes()) {
            throw InputException.environment(Document.place(block.file().path(), 0, Math.min(now, block.from()))
                    + "the file has " + now + " bytes, and had " + block.fileBytes()
                    + " when the run began; put it back as it was, or begin another run with --out");
        }
    }
}
