package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in text files.
 *
 * @param files each file
 * @param rows of all files
 * @param documents rows that are documents
 * @param textBytes UTF-8 bytes of their text
 * @param textCharacters code points of their text
 * @param tokens tokens, ends of documents included; null without a tokenizer
 * @param characters lengths of the documents in code points
 * @param tokenLengths lengths of the documents in tokens, their ends included; null without a tokenizer
 * @param badRows the first bad rows
 * @param first the first documents
 */
public record TextSurvey(
        List<SurveyedFile> files,
        PackManifest.Rows rows,
        long documents,
        long textBytes,
        long textCharacters,
        @Nullable Long tokens,
        Lengths characters,
        @Nullable Lengths tokenLengths,
        List<BadPlace> badRows,
        List<String> first) {
    private static final int SHOWN_BAD_ROWS = 20;

    /**
     * A file.
     *
     * @param path as it was found
     * @param bytes size on disk
     * @param rows what became of its rows
     * @param documents rows that are documents
     */
    public record SurveyedFile(String path, long bytes, PackManifest.Rows rows, long documents) {}

    /**
     * A bad row.
     *
     * @param file where it is
     * @param line its line, from 1
     * @param byteOffset where it begins in the decompressed file
     * @param reason what is wrong with it
     */
    public record BadPlace(String file, long line, long byteOffset, String reason) {}

    /**
     * Reads files to their end; bad rows are counted, whatever their share.
     *
     * @param entries files, folders or globs
     * @param tokenizer counts tokens; null leaves that out
     * @param shown how many documents are kept to be shown
     * @param limit how long a row may be
     * @return what was found
     * @throws InputException if a file cannot be read
     */
    public static TextSurvey of(List<String> entries, @Nullable Tokenizer tokenizer, int shown, RowLimit limit) {
        return new Survey(tokenizer, shown, limit).read(CorpusFiles.ofOption("FILES", entries));
    }

    private static final class Survey {
        private final @Nullable Tokenizer tokenizer;
        private final int shown;
        private final RowLimit limit;
        private final List<SurveyedFile> files = new ArrayList<>();
        private final List<BadPlace> bad = new ArrayList<>();
        private final List<String> first = new ArrayList<>();
        private final Lengths.Counter characters = new Lengths.Counter();
        private final Lengths.Counter tokens = new Lengths.Counter();
        private RowCounts.Totals rows = RowCounts.Totals.NONE;
        private long documents;
        private long textBytes;

        Survey(@Nullable Tokenizer tokenizer, int shown, RowLimit limit) {
            this.tokenizer = tokenizer;
            this.shown = shown;
            this.limit = limit;
        }

        TextSurvey read(List<Path> paths) {
            paths.forEach(this::read);
            Lengths lengths = characters.lengths();
            Lengths inTokens = tokenizer == null ? null : tokens.lengths();
            return new TextSurvey(
                    List.copyOf(files),
                    PackManifest.Rows.of(rows),
                    documents,
                    textBytes,
                    lengths.total(),
                    inTokens == null ? null : inTokens.total(),
                    lengths,
                    inTokens,
                    List.copyOf(bad),
                    List.copyOf(first));
        }

        private void read(Path path) {
            // Everything may be bad: this only looks.
            RowCounts counts = new RowCounts(new BadRowPolicy(BadRows.QUARANTINE, 1, "", ""), this::keep);
            long before = documents;
            try (DocumentReader reader = DocumentReader.open(List.of(path), counts, limit)) {
                for (Document next = reader.next(); next != null; next = reader.next()) {
                    add(next);
                }
                files.add(new SurveyedFile(
                        path.toString().replace('\\', '/'),
                        reader.sourceBytes(),
                        PackManifest.Rows.of(counts.totals()),
                        documents - before));
            }
            rows = rows.plus(counts.totals());
        }

        private void keep(BadRow row) {
            if (bad.size() < SHOWN_BAD_ROWS) {
                String file = row.file().toString().replace('\\', '/');
                bad.add(new BadPlace(file, row.line(), row.byteOffset(), row.reason()));
            }
        }

        private void add(Document document) {
            String text = document.text();
            documents++;
            textBytes += text.getBytes(UTF_8).length;
            characters.add(text.codePointCount(0, text.length()));
            if (tokenizer != null) {
                tokens.add(EncodedDocument.of(document, tokenizer).ids().length + 1L);
            }
            if (first.size() < shown) {
                first.add(text);
            }
        }
    }
}
