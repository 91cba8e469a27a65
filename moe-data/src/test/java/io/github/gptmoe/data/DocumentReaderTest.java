package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentReaderTest {
    @TempDir
    Path folder;

    @Test
    void splitsAtLineFeedAlone() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", "one\u2028still one\u0085\f\n\n  \u3000\ntwo\r\nth\rree\r");
        assertThat(TestFiles.texts(file)).containsExactly("one\u2028still one\u0085\f", "two", "th\rree");
    }

    @Test
    void tellsLineAndOffset() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", "\uFEFF你好\n\nend");
        List<Document> documents = TestFiles.readAll(file, BadRows.FAIL);
        assertThat(documents).containsExactly(new Document(file, 1, 3, "你好"), new Document(file, 3, 3 + 6 + 2, "end"));
    }

    @Test
    void dropsByteOrderMarkOnlyAtTheStart() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", "\uFEFFa\n\uFEFFb\n");
        assertThat(TestFiles.texts(file)).containsExactly("a", "\uFEFFb");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"})
    void readsEveryCompression(String name) throws IOException {
        byte[] plain = "{\"id\":[1,{\"text\":2}],\"text\":\"你\\n😀\"}\n{\"text\":\"b\"}\n".getBytes(UTF_8);
        byte[] bytes =
                name.endsWith("gz") ? TestFiles.gzip(plain) : name.endsWith("zst") ? TestFiles.zstd(plain) : plain;
        Path file = Files.write(folder.resolve(name), bytes);
        assertThat(TestFiles.texts(file)).containsExactly("你\n😀", "b");
    }

    @Test
    void linesMayBeLongerThanTheReadBuffer() throws IOException {
        String text = "长".repeat(100_000);
        assertThat(TestFiles.texts(TestFiles.write(folder, "a.txt", text + "\n" + text + "x")))
                .containsExactly(text, text + "x");
    }

    @Test
    void namesTheExactByteOfInvalidUtf8() throws IOException {
        byte[] head = "first\n好".getBytes(UTF_8);
        byte[] bytes = Arrays.copyOf(head, head.length + 2);
        bytes[head.length] = (byte) 0xC3;
        bytes[head.length + 1] = 'x';
        Path file = Files.write(folder.resolve("a.txt"), bytes);
        assertThatThrownBy(() -> TestFiles.texts(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a.txt, line 2, byte " + head.length + ": invalid UTF-8 (byte 0xC3)")
                .hasMessageContaining("data.badRows")
                .extracting("kind")
                .isEqualTo(InputException.Kind.ENVIRONMENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00ED\u00A0\u0080", "\u00C0\u0080", "\u00F5\u0080\u0080\u0080", "\u0080", "\u00E4\u00BD"})
    void refusesSurrogatesOverlongFormsAndCutCharacters(String latin1) throws IOException {
        Path file = Files.write(folder.resolve("a.txt"), latin1.getBytes(ISO_8859_1));
        assertThatThrownBy(() -> TestFiles.texts(file)).hasMessageContaining("line 1, byte 0: invalid UTF-8");
    }

    @Test
    void refusesUtf16() throws IOException {
        Path file = Files.write(folder.resolve("a.txt"), new byte[] {'h', 0, 'i', 0});
        assertThatThrownBy(() -> TestFiles.texts(file)).hasMessageContaining("line 1, byte 1: a NUL byte");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\": nope}|byte 27: broken JSON",
                "{\"text\": \"a\"} {}|byte 32: more than one JSON value",
                "[\"text\"]|byte 18: not a JSON object",
                "{\"other\": \"a\"}|byte 18: the JSON object has no field \"text\"",
                "{\"text\": 7}|byte 27: the field \"text\" is not a string",
                "{\"text\": \"a\", \"text\": \"b\"}|byte 40: the field \"text\" occurs twice",
                "{\"text\": \"\\ud83dx\"}|byte 18: the field \"text\" has half a surrogate pair",
                "{\"text\": \"\\u0000\"}|byte 27: the field \"text\" contains the NUL character",
                "{\"text\": \"abc|broken JSON (the line ends in the middle of the object)",
            })
    void namesTheLineOfBadJson(String row, String message) throws IOException {
        Path file = TestFiles.write(folder, "a.jsonl", "{\"text\": \"好ab\"}\n" + row + "\n");
        assertThatThrownBy(() -> TestFiles.texts(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a.jsonl, line 2, ")
                .hasMessageContaining(message);
    }

    @Test
    void countsEmptyRows() throws IOException {
        Path file = TestFiles.write(folder, "a.jsonl", "{\"text\": \"\"}\n\n{\"text\": \" \\n\"}\n{\"text\": \"a\"}\n");
        try (DocumentReader reader = DocumentReader.open(List.of(file), BadRows.FAIL)) {
            assertThat(reader.next()).extracting("line").isEqualTo(4L);
            assertThat(reader.next()).isNull();
            assertThat(reader.rows()).isEqualTo(3);
            assertThat(reader.emptyRows()).isEqualTo(2);
            assertThat(reader.sourceBytes()).isEqualTo(Files.size(file));
        }
    }

    @Test
    void skipsFewBadRows() throws IOException {
        Path file = TestFiles.write(folder, "a.jsonl", "{\n" + "{\"text\": \"a\"}\n".repeat(1999) + "[]\n");
        try (DocumentReader reader = DocumentReader.open(List.of(file), BadRows.SKIP)) {
            int count = 0;
            while (reader.next() != null) {
                count++;
            }
            assertThat(count).isEqualTo(1999);
            assertThat(reader.skippedRows()).isEqualTo(2);
            assertThat(reader.rows()).isEqualTo(2001);
        }
    }

    @Test
    void stopsAboveOneBadRowInAThousand() throws IOException {
        Path file = TestFiles.write(folder, "a.jsonl", "{\n{\n" + "{\"text\": \"a\"}\n".repeat(997) + "[]\n");
        assertThatThrownBy(() -> TestFiles.readAll(file, BadRows.SKIP))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("3 of the first 1000 rows")
                .hasMessageContaining("a.jsonl, line 1000");
        Path shorter = TestFiles.write(folder, "b.jsonl", "{\n{\n" + "{\"text\": \"a\"}\n".repeat(996) + "[]\n");
        assertThat(TestFiles.readAll(shorter, BadRows.SKIP)).hasSize(996);
    }

    @Test
    void limitsTheLengthOfALine() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", "x".repeat(100) + "\n" + "y".repeat(101) + "\nz\n");
        try (DocumentReader reader = DocumentReader.open(List.of(file), BadRows.FAIL, 100)) {
            assertThat(reader.next()).isNotNull();
            assertThatThrownBy(reader::next)
                    .hasMessageContaining("a.txt, line 2, byte 101: the line is longer than 100 bytes");
        }
        try (DocumentReader reader = DocumentReader.open(List.of(file), BadRows.SKIP, 100)) {
            assertThat(reader.next()).extracting("text").isEqualTo("x".repeat(100));
            assertThat(reader.next()).isEqualTo(new Document(file, 3, 203, "z"));
            assertThat(reader.skippedRows()).isEqualTo(1);
        }
    }

    @Test
    void readsEveryMemberOfAGzipFile() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(TestFiles.gzip("a\nb".getBytes(UTF_8)));
        bytes.write(TestFiles.gzip(new byte[0]));
        bytes.write(TestFiles.gzip("c\n".getBytes(UTF_8)));
        Path file = Files.write(folder.resolve("a.txt.gz"), bytes.toByteArray());
        assertThat(TestFiles.texts(file)).containsExactly("a", "bc");
    }

    @Test
    void readsEveryFrameOfAZstdFile() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(TestFiles.zstd("a\nb".getBytes(UTF_8)));
        bytes.write(TestFiles.zstd(new byte[0]));
        bytes.write(TestFiles.zstd("c\n".getBytes(UTF_8)));
        Path file = Files.write(folder.resolve("a.txt.zst"), bytes.toByteArray());
        assertThat(TestFiles.texts(file)).containsExactly("a", "bc");
    }

    /** Every cut but the one between the members must be noticed. */
    @Test
    void noticesEveryCutOfAGzipFile() throws IOException {
        byte[] first = TestFiles.gzip("hello hello hello\n".getBytes(UTF_8));
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(first);
        both.write(TestFiles.gzip("world\n".getBytes(UTF_8)));
        byte[] whole = both.toByteArray();
        for (int length = 0; length < whole.length; length++) {
            Path file = Files.write(folder.resolve("cut.txt.gz"), Arrays.copyOf(whole, length));
            if (length == first.length) {
                assertThat(TestFiles.texts(file)).hasSize(1);
            } else {
                assertThatThrownBy(() -> TestFiles.texts(file))
                        .as("cut at %d", length)
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("cut.txt.gz: ")
                        .hasMessageContaining("damaged or cut off");
            }
        }
    }

    @Test
    void noticesDamageInAGzipFile() throws IOException {
        byte[] whole = TestFiles.gzip("hello hello hello\n".getBytes(UTF_8));
        for (int at : new int[] {0, 2, whole.length - 8, whole.length - 1}) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x40;
            Path file = Files.write(folder.resolve("bad.txt.gz"), damaged);
            assertThatThrownBy(() -> TestFiles.texts(file)).as("at %d", at).isInstanceOf(InputException.class);
        }
        Path file = Files.write(folder.resolve("bad.txt.gz"), Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> TestFiles.texts(file)).hasMessageContaining("bad.txt.gz");
    }

    @Test
    void noticesEveryCutOfAZstdFile() throws IOException {
        byte[] whole = TestFiles.zstd("hello hello hello\n".getBytes(UTF_8));
        for (int length = 1; length < whole.length; length++) {
            Path file = Files.write(folder.resolve("cut.txt.zst"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> TestFiles.texts(file))
                    .as("cut at %d", length)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("cut.txt.zst: ");
        }
    }

    @Test
    void namesAMissingFile() {
        assertThatThrownBy(() -> TestFiles.texts(folder.resolve("none.txt")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none.txt: the file does not exist");
        assertThatThrownBy(() -> TestFiles.texts(folder.resolve("a.pdf"))).hasMessageContaining(".txt or .jsonl");
    }

    /** Frames by hand: magic number, descriptor, window, perhaps a dictionary's number, one block with a line. */
    @Test
    void zstandardThatCannotBeReadHereIsSaidToBeSo() throws IOException {
        byte[] line = {0x11, 0, 0, 'a', '\n'};
        byte[] magic = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD};
        assertThat(frame("window27.txt.zst", magic, new byte[] {0, (byte) (17 << 3)}, line))
                .hasSize(1);
        assertUnreadable(
                "with a window above 128 MiB", "window28.txt.zst", magic, new byte[] {0, (byte) (18 << 3)}, line);
        assertUnreadable("with a dictionary", "dictionary.txt.zst", magic, new byte[] {1, 0, 5}, line);
        assertUnreadable("is empty, not a Zstandard file", "empty.txt.zst");
        assertUnreadable("is empty, not a gzip file", "empty.txt.gz");
    }

    private List<Document> frame(String name, byte[]... parts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        Path file = Files.write(folder.resolve(name), bytes.toByteArray());
        List<Document> documents = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(List.of(file), BadRows.FAIL)) {
            for (Document next = reader.next(); next != null; next = reader.next()) {
                documents.add(next);
            }
        }
        return documents;
    }

    private void assertUnreadable(String what, String name, byte[]... parts) {
        assertThatThrownBy(() -> frame(name, parts))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(name + ": ", what)
                .extracting("kind")
                .isEqualTo(InputException.Kind.ENVIRONMENT);
    }
}
