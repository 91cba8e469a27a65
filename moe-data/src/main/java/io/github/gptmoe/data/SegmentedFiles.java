package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads files of segments, one after the other, and encodes their rows. */
final class SegmentedFiles {
    private static final int MAX_LINE_BYTES = DocumentReader.MAX_LINE_BYTES;
    private static final int ROWS_BETWEEN_PROGRESS = 1000;

    private final Tokenizer tokenizer;
    private final int length;
    private final double validationFraction;
    private final PackProgress progress;
    private final RowCounts counts;
    private final SegmentedRowParser parser = new SegmentedRowParser(MAX_LINE_BYTES);
    private final List<SegmentedExample> train = new ArrayList<>();
    private final TokenList validation = new TokenList();
    private long validationBytes;
    private long textBytes;
    private long tokens;
    private long cutExamples;
    private long cutTokens;
    private long finishedFileBytes;
    private long allFileBytes;

    SegmentedFiles(Tokenizer tokenizer, int length, double validationFraction, BadRows policy, PackProgress progress) {
        this.tokenizer = tokenizer;
        this.length = length;
        this.validationFraction = validationFraction;
        this.progress = progress;
        this.counts = new RowCounts(policy);
    }

    /** Training examples in the order of the files. */
    List<SegmentedExample> train() {
        return train;
    }

    /** Tokens of the held-out examples, each with its end. */
    int[] validation() {
        return validation.toArray();
    }

    long validationBytes() {
        return validationBytes;
    }

    /** Rows that were not blank. */
    long rows() {
        return counts.rows();
    }

    /** Examples that were too long, held-out ones too. */
    long cutExamples() {
        return cutExamples;
    }

    /** Tokens of their context that were left out. */
    long cutTokens() {
        return cutTokens;
    }

    /** Reads training files; examples below the fraction, by hash, go to validation. */
    void addTrain(List<Path> files) {
        read(files, validationFraction);
    }

    /** Reads validation files. */
    void addValidation(List<Path> files) {
        read(files, 1);
    }

    private void read(List<Path> files, double held) {
        allFileBytes = 0;
        finishedFileBytes = 0;
        for (Path path : files) {
            if (SourceFile.require(path).rows() != SourceFile.Rows.JSON) {
                throw InputException.configuration(
                        path + ": data.format segments needs .jsonl, plain or followed by .gz or .zst");
            }
            try {
                allFileBytes += Files.size(path);
            } catch (IOException failed) {
                throw DocumentReader.unreadable(path, failed);
            }
        }
        for (Path path : files) {
            read(SourceFile.require(path), held);
        }
    }

    private void read(SourceFile file, double held) {
        try {
            SourceFile.CountedStream stream = file.openDecompressed();
            try (LineReader lines = new LineReader(stream.text(), MAX_LINE_BYTES)) {
                while (lines.next()) {
                    add(file.path(), lines, held);
                    if (lines.number() % ROWS_BETWEEN_PROGRESS == 0) {
                        tell(stream.raw().count());
                    }
                }
            }
            finishedFileBytes += stream.raw().count();
            tell(0);
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file.path(), failed);
        }
    }

    private void tell(long bytesOfFile) {
        double share = allFileBytes == 0 ? 1 : (double) (finishedFileBytes + bytesOfFile) / allFileBytes;
        progress.packed(counts.rows(), textBytes, tokens, Math.min(1, share));
    }

    private void add(Path file, LineReader lines, double held) {
        try {
            SegmentedRow row = row(file, lines);
            if (row != null) {
                add(row, EncodedDocument.inValidation(row.textWithoutLabels(), held));
            }
        } catch (BadRowException bad) {
            counts.bad(SegmentedRow.place(file, lines.number()) + bad.getMessage());
        }
    }

    private @Nullable SegmentedRow row(Path file, LineReader lines) throws BadRowException {
        if (lines.tooLong()) {
            throw new BadRowException(0, "the line is longer than " + MAX_LINE_BYTES + " bytes");
        }
        return parser.parse(file, lines.number(), lines.line(), lines.length());
    }

    private void add(SegmentedRow row, boolean held) throws BadRowException {
        SegmentedExample example = encode(row);
        counts.document();
        long bytes = row.text().getBytes(UTF_8).length;
        textBytes += bytes;
        tokens += example.length();
        cutExamples += example.cutTokens() > 0 ? 1 : 0;
        cutTokens += example.cutTokens();
        if (held) {
            validation.add(example.ids());
            validationBytes += bytes;
        } else {
            train.add(example);
        }
    }

    private SegmentedExample encode(SegmentedRow row) throws BadRowException {
        try {
            return SegmentedExample.of(row, tokenizer, length);
        } catch (InputException known) {
            throw known;
        } catch (RuntimeException failed) {
            throw InputException.environment(
                    row.place() + "the tokenizer failed on this example (" + failed.getMessage()
                            + "); shorten or remove it",
                    failed);
        }
    }
}
