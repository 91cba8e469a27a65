package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.TextBlocks.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockReaderTest {
    /** A mark, both line ends, blank lines, a line over many blocks, characters of several bytes, no line end at the end. */
    private static final String TEXT =
            "\uFEFFone\ntwo\r\n\n   \nthree " + "x".repeat(60) + "\n四四四\nfive\n\n\nsix \u2028 still\nend";

    @TempDir
    Path folder;

    private static List<Document> blocks(int blockBytes, Path... files) {
        TextBlocks blocks = new TextBlocks(List.of(files), blockBytes);
        List<Document> documents = new ArrayList<>();
        BlockReader reader = new BlockReader(new RowCounts(BadRows.FAIL), 1000);
        for (long number = 0; number < blocks.count(); number++) {
            Block block = blocks.block(number);
            reader.read(block, document -> {
                assertThat(document.byteOffset()).isBetween(block.from(), block.to() + 2); // a mark is skipped
                documents.add(document);
            });
        }
        return documents;
    }

    /** Whatever the size, all blocks in order have the documents of the file, each at its place. */
    @Test
    void blocksHaveEveryDocumentOnce() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", TEXT);
        List<Document> whole = TestFiles.readAll(file, BadRows.FAIL);
        assertThat(whole).hasSize(7);
        for (int blockBytes = 1; blockBytes <= TEXT.getBytes(UTF_8).length + 1; blockBytes++) {
            List<Document> cut = blocks(blockBytes, file);
            assertThat(cut.stream().map(Document::text))
                    .as("blocks of %d bytes", blockBytes)
                    .containsExactlyElementsOf(
                            whole.stream().map(Document::text).toList());
            assertThat(cut.stream().map(Document::byteOffset))
                    .containsExactlyElementsOf(
                            whole.stream().map(Document::byteOffset).toList());
        }
    }

    @Test
    void emptyFilesHaveNoBlocks() throws IOException {
        Path empty = TestFiles.write(folder, "0.txt", "");
        Path first = TestFiles.write(folder, "a.txt", "aaa\nbbb\n");
        Path last = TestFiles.write(folder, "b.jsonl", "{\"text\": \"ccc\"}");
        assertThat(blocks(4, empty, first, empty, empty, last, empty).stream().map(Document::text))
                .containsExactly("aaa", "bbb", "ccc");
        TextBlocks none = new TextBlocks(List.of(empty), 4);
        assertThat(none.count()).isZero();
        assertThatThrownBy(() -> none.block(0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void badRowsAreNamedByFileAndByte() throws IOException {
        byte[] bytes = "good line\nanother\nbad \u00e9 line\n".getBytes(UTF_8);
        bytes[23] = 'e'; // the second byte of the accented letter
        Path file = Files.write(folder.resolve("a.txt"), bytes);
        assertThatThrownBy(() -> blocks(12, file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ", byte 22: invalid UTF-8 (byte 0xC3)")
                .hasMessageContaining("data.badRows");
        RowCounts skipping = new RowCounts(BadRows.SKIP);
        List<String> kept = new ArrayList<>();
        new BlockReader(skipping, 1000)
                .read(new TextBlocks(List.of(file), 100).block(0), document -> kept.add(document.text()));
        assertThat(kept).containsExactly("good line", "another");
        assertThat(skipping.skippedRows()).isEqualTo(1);
        assertThat(skipping.rows()).isEqualTo(3);
    }

    @Test
    void tooLongLinesAreNamed() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", "short\n" + "x".repeat(1001) + "\n");
        assertThatThrownBy(() -> blocks(5, file))
                .hasMessageStartingWith(file + ", byte 6: the line is longer than 1000 bytes");
    }

    @Test
    void filesThatChangeAreNamed() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        long size = Files.size(file);
        TextBlocks blocks = new TextBlocks(List.of(file), 100);
        BlockReader reader = new BlockReader(new RowCounts(BadRows.FAIL), 1000);
        Files.writeString(file, TestFiles.lines(10));
        long now = Files.size(file);
        assertThatThrownBy(() -> reader.read(blocks.block(8), document -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ", byte " + now + ": the file has " + now + " bytes, and had " + size
                        + " when the run began");
        Files.writeString(file, TestFiles.lines(101));
        assertThatThrownBy(() -> reader.read(blocks.block(1), document -> {}))
                .hasMessageStartingWith(file + ", byte 100: the file has ");
        Files.delete(file);
        assertThatThrownBy(() -> reader.read(blocks.block(1), document -> {}))
                .isInstanceOf(InputException.class)
                .hasMessage(file + ": at byte 100, the file does not exist; check the path");
    }

    @Test
    void compressedFilesAreRefused() throws IOException {
        Path file = Files.write(folder.resolve("a.txt.gz"), TestFiles.gzip("a\n".getBytes(UTF_8)));
        assertThatThrownBy(() -> new TextBlocks(List.of(file), 100))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("data.tokenize");
    }
}
