package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten thousand JSON rows, half of them spoilt in known ways and places: every one is found, no other is lost. */
class MutatedRowsTest {
    private static final int ROWS = 10_000;
    private static final long SEED = 20_230_611;

    @TempDir
    Path folder;

    /** Ways to change a row, and whether it is still one. */
    private enum Mutation {
        NONE(true),
        TRUNCATED(false),
        BAD_UTF8(false),
        OVERLONG_UTF8(false),
        SURROGATE_BYTES(false),
        WRONG_TYPE(false),
        MISSING_FIELD(false),
        TWO_FIELDS(false),
        RAW_NUL(false),
        ESCAPED_NUL(false),
        DEEP_NESTING(false),
        UNPAIRED_SURROGATE(false),
        RAW_CONTROL(false),
        TRAILING_VALUE(false),
        NOT_AN_OBJECT(false),
        BAD_ESCAPE(false),
        MALFORMED_NUMBER(false),
        LEADING_PLUS(false),
        NOT_A_NUMBER(false),
        COMMENT(false),
        SINGLE_QUOTES(false),
        NAME_WITHOUT_QUOTES(false),
        TRAILING_COMMA(false),
        UNFINISHED_ESCAPE(false),
        EMPTY_OBJECT(false),
        TWO_ROWS(false),
        FORM_FEED(false),
        INNER_BYTE_ORDER_MARK(false),
        UTF_16(false),
        ONE_LEVEL_TOO_DEEP(false),
        DEEPEST_NESTING(true),
        REPEATED_OTHER_FIELD(true),
        OTHER_FIELD_WITH_NUL_AND_HALF_A_PAIR(true),
        ESCAPED_NAME(true),
        HUGE_NUMBER(true),
        LONG_NUMBER(true),
        SHALLOW_NESTING(true),
        BYTE_ORDER_MARK(true),
        CARRIAGE_RETURN(true),
        BLANK_TEXT(true),
        BLANK_LINE(true);

        private final boolean good;

        Mutation(boolean good) {
            this.good = good;
        }
    }

    private record Row(Mutation mutation, long line, long offset, byte[] bytes, String text) {}

    private static List<Row> rows() {
        Random random = new Random(SEED);
        Mutation[] mutations = Mutation.values();
        List<Row> rows = new ArrayList<>();
        long offset = 0;
        for (int i = 0; i < ROWS; i++) {
            Mutation mutation = random.nextBoolean() ? Mutation.NONE : mutations[random.nextInt(mutations.length)];
            // A byte-order mark at the start of the file is none of a row.
            mutation = i == 0 ? Mutation.NONE : mutation;
            String text = text(random);
            byte[] bytes = bytes(mutation, text, random);
            rows.add(new Row(mutation, i + 1, offset, bytes, text));
            offset += bytes.length + 1;
        }
        return rows;
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder("行");
        int length = 1 + random.nextInt(40);
        for (int i = 0; i < length; i++) {
            switch (random.nextInt(7)) {
                case 0 -> text.appendCodePoint(0x1F600 + random.nextInt(60));
                case 1 -> text.append((char) ('a' + random.nextInt(26)));
                case 2 -> text.append("\\n");
                case 3 -> text.append("\\u4f60");
                case 4 -> text.append('\u2028');
                case 5 -> text.append('\u0085');
                default -> text.append((char) (0x4E00 + random.nextInt(5000)));
            }
        }
        return text.toString();
    }

    private static byte[] bytes(Mutation mutation, String text, Random random) {
        String row = "{\"id\": 7, \"text\": \"" + text + "\"}";
        return switch (mutation) {
            case NONE -> row.getBytes(UTF_8);
            case TRUNCATED -> {
                byte[] whole = row.getBytes(UTF_8);
                yield Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
            }
            case BAD_UTF8 -> spoilt(row, text, (byte) 0xFF);
            case OVERLONG_UTF8 -> spoilt(row, text, (byte) 0xC0, (byte) 0xAF);
            case SURROGATE_BYTES -> spoilt(row, text, (byte) 0xED, (byte) 0xA0, (byte) 0x80);
            case RAW_NUL -> spoilt(row, text, (byte) 0);
            case RAW_CONTROL -> spoilt(row, text, (byte) 7);
            case WRONG_TYPE ->
                ("{\"text\": "
                                + List.of("7", "null", "true", "[\"" + text + "\"]", "{}", "1e999")
                                        .get(random.nextInt(6))
                                + "}")
                        .getBytes(UTF_8);
            case MISSING_FIELD -> ("{\"Text\": \"" + text + "\", \"inner\": {\"text\": \"a\"}}").getBytes(UTF_8);
            case TWO_FIELDS -> ("{\"text\": \"a\", \"text\": \"" + text + "\"}").getBytes(UTF_8);
            case ESCAPED_NUL -> ("{\"text\": \"" + text + "\\u0000\"}").getBytes(UTF_8);
            case DEEP_NESTING ->
                ("{\"deep\": " + "[".repeat(5000) + "]".repeat(5000) + ", \"text\": \"" + text + "\"}").getBytes(UTF_8);
            case SHALLOW_NESTING ->
                ("{\"deep\": " + "[".repeat(40) + "]".repeat(40) + ", \"text\": \"" + text + "\"}").getBytes(UTF_8);
            case UNPAIRED_SURROGATE ->
                ("{\"text\": \"" + text + (random.nextBoolean() ? "\\ud83d" : "\\ude00") + "x\"}").getBytes(UTF_8);
            case TRAILING_VALUE -> (row + " {}").getBytes(UTF_8);
            case NOT_AN_OBJECT -> ("[\"" + text + "\"]").getBytes(UTF_8);
            case BAD_ESCAPE -> row.replace("行", "行\\x").getBytes(UTF_8);
            case MALFORMED_NUMBER -> row.replace(": 7", ": 007").getBytes(UTF_8);
            case LEADING_PLUS -> row.replace(": 7", ": +7").getBytes(UTF_8);
            case NOT_A_NUMBER ->
                row.replace(
                                ": 7",
                                ": "
                                        + List.of("NaN", "-Infinity", "1.", ".5", "0x7", "1e", "True", "undefined")
                                                .get(random.nextInt(8)))
                        .getBytes(UTF_8);
            case COMMENT ->
                row.replace(": 7", ": 7 " + (random.nextBoolean() ? "/* 7 */" : "# 7"))
                        .getBytes(UTF_8);
            case SINGLE_QUOTES -> row.replace('"', '\'').getBytes(UTF_8);
            case NAME_WITHOUT_QUOTES -> row.replace("\"id\"", "id").getBytes(UTF_8);
            case TRAILING_COMMA -> row.replace("\"}", "\",}").getBytes(UTF_8);
            case UNFINISHED_ESCAPE -> row.replace("\"}", "\\u4f6\"}").getBytes(UTF_8);
            case EMPTY_OBJECT -> "{}".getBytes(UTF_8);
            case TWO_ROWS -> (row + row).getBytes(UTF_8);
            case FORM_FEED -> row.replace(": 7", ":\f7").getBytes(UTF_8);
            case INNER_BYTE_ORDER_MARK -> row.replace(": 7", ":\uFEFF7").getBytes(UTF_8);
            // Without the letters of the text, whose bytes might be a line end.
            case UTF_16 -> "{\"text\": \"ab\"}".getBytes(UTF_16LE);
            case ONE_LEVEL_TOO_DEEP -> nested(text, 64);
            case DEEPEST_NESTING -> nested(text, 63);
            case REPEATED_OTHER_FIELD -> row.replace(": 7", ": 7, \"id\": 8").getBytes(UTF_8);
            case OTHER_FIELD_WITH_NUL_AND_HALF_A_PAIR ->
                row.replace(": 7", ": \"\\u0000\\ud83d\"").getBytes(UTF_8);
            case ESCAPED_NAME -> row.replace("\"text\"", "\"te\\u0078t\"").getBytes(UTF_8);
            case HUGE_NUMBER -> row.replace(": 7", ": -1e999999").getBytes(UTF_8);
            case LONG_NUMBER -> row.replace(": 7", ": " + "9".repeat(5000)).getBytes(UTF_8);
            case BYTE_ORDER_MARK -> ("\uFEFF" + row).getBytes(UTF_8);
            case CARRIAGE_RETURN -> (row + "\r").getBytes(UTF_8);
            case BLANK_TEXT -> "{\"text\": \" \\n\\u3000\"}".getBytes(UTF_8);
            case BLANK_LINE -> " \t ".getBytes(UTF_8);
        };
    }

    /** A row with arrays inside its object. */
    private static byte[] nested(String text, int arrays) {
        return ("{\"deep\": " + "[".repeat(arrays) + "]".repeat(arrays) + ", \"text\": \"" + text + "\"}")
                .getBytes(UTF_8);
    }

    /** The row with bytes put behind the first character of its text. */
    private static byte[] spoilt(String row, String text, byte... inserted) {
        byte[] head = row.substring(0, row.indexOf(text) + 1).getBytes(UTF_8);
        byte[] tail = row.substring(row.indexOf(text) + 1).getBytes(UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head);
        bytes.writeBytes(inserted);
        bytes.writeBytes(tail);
        return bytes.toByteArray();
    }

    private Path write(List<Row> rows, String name) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (Row row : rows) {
            plain.writeBytes(row.bytes());
            plain.write('\n');
        }
        byte[] all = plain.toByteArray();
        if (name.endsWith(".gz")) {
            // Two members that meet inside a row.
            ByteArrayOutputStream members = new ByteArrayOutputStream();
            int middle = all.length / 2 + 1;
            members.writeBytes(TestFiles.gzip(Arrays.copyOf(all, middle)));
            members.writeBytes(TestFiles.gzip(Arrays.copyOfRange(all, middle, all.length)));
            all = members.toByteArray();
        } else if (name.endsWith(".zst")) {
            all = TestFiles.zstd(all);
        }
        return Files.write(folder.resolve(name), all);
    }

    private static boolean isDocument(Mutation mutation) {
        return mutation.good && mutation != Mutation.BLANK_TEXT && mutation != Mutation.BLANK_LINE;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows.jsonl", "rows.jsonl.gz", "rows.jsonl.zst"})
    void everySpoiltRowIsFoundInItsPlaceAndNoOtherIsLost(String name) throws IOException {
        List<Row> rows = rows();
        Path file = write(rows, name);
        List<BadRow> found = new ArrayList<>();
        RowCounts counts = new RowCounts(new BadRowPolicy(BadRows.QUARANTINE, 1, "", ""), found::add);
        List<Document> documents = new ArrayList<>();
        try (DocumentReader reader =
                DocumentReader.open(List.of(file), counts, new RowLimit(1 << 16, LongRows.REFUSE))) {
            for (Document next = reader.next(); next != null; next = reader.next()) {
                documents.add(next);
            }
        }
        List<Row> spoilt = rows.stream().filter(row -> !row.mutation().good).toList();
        assertThat(spoilt).hasSizeGreaterThan(2000);
        TreeMap<Mutation, Integer> kinds = new TreeMap<>();
        rows.forEach(row -> kinds.merge(row.mutation(), 1, Integer::sum));
        assertThat(kinds.keySet()).containsExactly(Mutation.values());
        for (int i = 0; i < Math.min(spoilt.size(), found.size()); i++) {
            Row row = spoilt.get(i);
            BadRow bad = found.get(i);
            assertThat(bad.line()).as("%s", row.mutation()).isEqualTo(row.line());
            assertThat(bad.byteOffset()).as("%s", row.mutation()).isEqualTo(row.offset());
            assertThat(bad.raw()).as("%s", row.mutation()).isEqualTo(row.bytes());
            assertThat(bad.rowBytes()).isEqualTo(row.bytes().length);
            assertThat(bad.problemOffset())
                    .as("%s", row.mutation())
                    .isBetween(row.offset(), row.offset() + row.bytes().length);
        }
        assertThat(found).hasSameSizeAs(spoilt);
        List<Row> good = rows.stream().filter(row -> isDocument(row.mutation())).toList();
        assertThat(documents).hasSameSizeAs(good);
        for (int i = 0; i < good.size(); i++) {
            Row row = good.get(i);
            assertThat(documents.get(i))
                    .isEqualTo(new Document(
                            file,
                            row.line(),
                            row.offset(),
                            row.text().replace("\\n", "\n").replace("\\u4f60", "你")));
        }
        long blankLines = kinds.get(Mutation.BLANK_LINE);
        assertThat(counts.totals())
                .isEqualTo(new RowCounts.Totals(ROWS - blankLines, spoilt.size(), kinds.get(Mutation.BLANK_TEXT), 0));
    }

    /** A row that is cut off is bad at whichever byte that happens, and never taken for a shorter one. */
    @Test
    void aRowIsBadWhereverItEnds() throws IOException {
        byte[] row =
                "\uFEFF {\"id\": [-1.5e+3, {\"a\": null}], \"te\\u0078t\": \"a\\\"\\\\é语😀\\ud83d\\ude00\", \"z\": true}"
                        .getBytes(UTF_8);
        // Behind a first row, so that the mark is not that of the file.
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("{\"text\": \"first\"}\n".getBytes(UTF_8));
        for (int length = 1; length <= row.length; length++) {
            all.write(row, 0, length);
            all.write('\n');
        }
        Path file = Files.write(folder.resolve("cut.jsonl"), all.toByteArray());
        List<BadRow> found = new ArrayList<>();
        RowCounts counts = new RowCounts(new BadRowPolicy(BadRows.QUARANTINE, 1, "", ""), found::add);
        try (DocumentReader reader = DocumentReader.open(List.of(file), counts, new RowLimit(4096, LongRows.REFUSE))) {
            assertThat(reader.next()).extracting(Document::text).isEqualTo("first");
            assertThat(reader.next()).extracting(Document::text).isEqualTo("a\"\\é语😀😀");
            assertThat(reader.next()).isNull();
        }
        assertThat(found).hasSize(row.length - 1);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).line()).isEqualTo(i + 2L);
            assertThat(found.get(i).rowBytes()).isEqualTo(i + 1L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows.jsonl", "rows.jsonl.gz", "rows.jsonl.zst"})
    void readingGoesOnFromAnyRow(String name) throws IOException {
        List<Row> rows = rows();
        Path file = write(rows, name);
        for (int start : new int[] {1, 4711, ROWS - 1}) {
            List<BadRow> found = new ArrayList<>();
            RowCounts counts = new RowCounts(new BadRowPolicy(BadRows.QUARANTINE, 1, "", ""), found::add);
            DocumentReader.Position from =
                    new DocumentReader.Position(rows.get(start).offset(), start);
            try (DocumentReader reader =
                    DocumentReader.openAt(file, from, counts, new RowLimit(1 << 16, LongRows.REFUSE))) {
                Row first = rows.stream()
                        .skip(start)
                        .filter(row -> isDocument(row.mutation()))
                        .findFirst()
                        .orElse(null);
                Document next = reader.next();
                assertThat(next == null ? -1 : next.line()).isEqualTo(first == null ? -1 : first.line());
                assertThat(next == null ? -1 : next.byteOffset()).isEqualTo(first == null ? -1 : first.offset());
                while (next != null) {
                    next = reader.next();
                }
                assertThat(reader.position())
                        .isEqualTo(new DocumentReader.Position(
                                rows.get(ROWS - 1).offset() + rows.get(ROWS - 1).bytes().length + 1, ROWS));
            }
            List<Long> lines = rows.stream()
                    .skip(start)
                    .filter(row -> !row.mutation().good)
                    .map(Row::line)
                    .toList();
            assertThat(found.stream().map(BadRow::line).toList()).isEqualTo(lines);
        }
    }

    @Test
    void aShareThatIsNotExceededIsAllowedExactly() {
        BadRowPolicy policy = new BadRowPolicy(BadRows.SKIP, 0.001, "", "");
        for (long bad = 1; bad < 2000; bad++) {
            assertThat(policy.isExceeded(bad, 1000 * bad)).isFalse();
            assertThat(policy.isExceeded(bad, 1000 * bad - 1)).isTrue();
        }
        assertThat(policy.isExceeded(0, 0)).isFalse();
        assertThat(new BadRowPolicy(BadRows.SKIP, 0.025, "", "").limit()).isEqualTo("2.5 %");
    }
}
