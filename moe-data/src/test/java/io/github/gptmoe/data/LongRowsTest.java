package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows above the limit are refused or cut, in memory that depends on the limit alone. */
class LongRowsTest {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    Path folder;

    private static List<Document> read(Path file, RowLimit limit, RowCounts counts) {
        List<Document> documents = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(List.of(file), counts, limit)) {
            for (Document next = reader.next(); next != null; next = reader.next()) {
                documents.add(next);
            }
        }
        return documents;
    }

    private static RowCounts counting(List<BadRow> bad) {
        return new RowCounts(new BadRowPolicy(BadRows.QUARANTINE, 1, "", ""), bad::add);
    }

    @Test
    void plainTextIsCutBetweenCharacters() throws IOException {
        List<BadRow> bad = new ArrayList<>();
        RowCounts counts = counting(bad);
        Path file = TestFiles.write(
                folder,
                "a.txt",
                "好".repeat(5) + "xy\n" + "好".repeat(6) + "\n" + "😀".repeat(5) + "\nok\n" + "é".repeat(9));
        List<Document> documents = read(file, new RowLimit(17, LongRows.CUT), counts);
        assertThat(documents)
                .extracting(Document::text)
                .containsExactly("好".repeat(5) + "xy", "好".repeat(5), "😀".repeat(4), "ok", "é".repeat(8));
        assertThat(documents).extracting(Document::byteOffset).containsExactly(0L, 18L, 37L, 58L, 61L);
        assertThat(counts.totals()).isEqualTo(new RowCounts.Totals(5, 0, 0, 3));
        assertThat(bad).isEmpty();
    }

    /** Whatever stands in a row, cutting gives the beginning of its text. */
    @Test
    void jsonIsCutInsideItsTextOnly() throws IOException {
        Random random = new Random(5);
        ObjectMapper json = new ObjectMapper();
        StringBuilder rows = new StringBuilder();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            Map<String, Object> row = new TreeMap<>();
            String text = text(random, 1 + random.nextInt(2000));
            row.put("text", text);
            row.put("a\"{", text(random, random.nextInt(300)));
            row.put("meta", Map.of("text", text(random, random.nextInt(2000)), "list", List.of(1, "]", "\\")));
            row.put("zzz", text(random, random.nextInt(2000)));
            texts.add(text);
            rows.append(escaped(json.writeValueAsString(row), random)).append("\r\n");
        }
        Path file = TestFiles.write(folder, "a.jsonl", rows.toString());
        List<BadRow> bad = new ArrayList<>();
        RowCounts counts = counting(bad);
        int limit = 900;
        List<Document> documents = read(file, new RowLimit(limit, LongRows.CUT), counts);
        assertThat(bad).isEmpty();
        assertThat(documents).hasSize(400);
        int cut = 0;
        for (int i = 0; i < 400; i++) {
            String kept = documents.get(i).text();
            assertThat(texts.get(i)).startsWith(kept);
            if (kept.length() < texts.get(i).length()) {
                cut++;
                // An escaped pair takes twelve bytes, and a character that was begun is kept whole.
                assertThat(kept.getBytes(UTF_8).length).isBetween(limit / 6, limit + 12);
            }
        }
        assertThat(cut).isGreaterThan(100);
        assertThat(counts.totals()).isEqualTo(new RowCounts.Totals(400, 0, 0, cut));
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder("b");
        for (int i = 0; i < length; i++) {
            switch (random.nextInt(6)) {
                case 0 -> text.appendCodePoint(0x1F600 + random.nextInt(60));
                case 1 -> text.append("\"\\/\n\t{}[],:".charAt(random.nextInt(11)));
                case 2 -> text.append('é');
                case 3 -> text.append('语');
                default -> text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }

    /** Some of the characters above ASCII as escapes, halves of pairs included. */
    private static String escaped(String row, Random random) {
        StringBuilder escaped = new StringBuilder();
        row.codePoints().forEach(point -> {
            if (point < 128 || random.nextBoolean()) {
                escaped.appendCodePoint(point);
            } else {
                for (char unit : Character.toChars(point)) {
                    escaped.append(String.format("\\u%04x", (int) unit));
                }
            }
        });
        return escaped.toString();
    }

    @Test
    void aRowThatIsLongWithoutItsStringsIsBadWithItsBeginning() throws IOException {
        String row = "{\"text\": \"" + "长".repeat(600) + "\", \"n\": [" + "1, ".repeat(40_000) + "1]}";
        Path file = TestFiles.write(folder, "a.jsonl", "{\"text\": \"a\"}\n" + row + "\n{\"text\": \"b\"}\n");
        for (LongRows policy : LongRows.values()) {
            List<BadRow> bad = new ArrayList<>();
            assertThat(read(file, new RowLimit(1000, policy), counting(bad)))
                    .extracting(Document::text)
                    .containsExactly("a", "b");
            assertThat(bad).hasSize(1);
            assertThat(bad.get(0).line()).isEqualTo(2);
            assertThat(bad.get(0).byteOffset()).isEqualTo(14);
            assertThat(bad.get(0).rowBytes()).isEqualTo(row.getBytes(UTF_8).length);
            assertThat(bad.get(0).reason()).contains("longer than 1000 bytes");
            assertThat(new String(bad.get(0).raw(), UTF_8)).startsWith("{\"text\": \"长长");
            assertThat(bad.get(0).raw()).hasSize(1000);
        }
    }

    @Test
    void anEscapedKeyCountsAsTextToo() throws IOException {
        Path file = TestFiles.write(folder, "a.jsonl", "{\"\\u0074ext\": \"" + "x".repeat(3000) + "\"}\n");
        List<Document> documents = read(file, new RowLimit(500, LongRows.CUT), counting(new ArrayList<>()));
        assertThat(documents).extracting(Document::text).containsExactly("x".repeat(500));
    }

    /**
     * Reads rows of 64 MiB in a process of its own, whose heap of 24 MiB cannot hold half of one. scripts/long-line-check.sh
     * does the same with a gigabyte and the whole command.
     */
    @ParameterizedTest
    @ValueSource(strings = {"a.txt", "a.txt.gz", "a.jsonl", "a.jsonl.gz"})
    void theHeapDependsOnTheLimitAlone(String name) throws Exception {
        Path file = folder.resolve(name);
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = new BufferedOutputStream(name.endsWith("gz") ? new GZIPOutputStream(raw) : raw)) {
            boolean rows = name.contains("jsonl");
            out.write((rows ? "{\"text\": \"" : "").getBytes(UTF_8));
            byte[] piece = "long 行 ".repeat(MEBIBYTE / 9).getBytes(UTF_8);
            for (int i = 0; i < 64; i++) {
                out.write(piece);
            }
            out.write((rows ? "\"}\n{\"text\": \"end\"}\n" : "\nend\n").getBytes(UTF_8));
        }
        for (LongRows policy : LongRows.values()) {
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx24m",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LongRowReader.class.getName(),
                            file.toString(),
                            policy.name())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(child.getInputStream().readAllBytes(), UTF_8);
            assertThat(child.waitFor()).as(said).isZero();
            assertThat(said.lines().toList())
                    .contains(policy == LongRows.CUT ? "2 documents, 0 bad, 1 cut" : "1 documents, 1 bad, 0 cut");
        }
    }
}
