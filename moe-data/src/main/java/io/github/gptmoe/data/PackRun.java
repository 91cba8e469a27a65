package io.github.gptmoe.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One packing: reads on the calling thread, tokenises on others, writes in reading order on the calling thread. */
final class PackRun {
    private static final Logger LOGGER = LoggerFactory.getLogger(PackRun.class);
    private static final String QUARANTINE = "quarantine";
    private static final long GROUP_CHARACTERS = 1 << 18;
    private static final long PROGRESS_NANOS = 250_000_000;

    private final DataConfig config;
    private final Tokenizer tokenizer;
    private final PackSettings settings;
    private final PackProgress progress;
    private final CorpusKey key;
    private final Path folder;
    private long rows;
    private long skippedRows;
    private long emptyRows;
    private long finishedFileBytes;
    private long nextProgress = System.nanoTime();
    private @Nullable QuarantineFile quarantine;

    PackRun(
            DataConfig config,
            Tokenizer tokenizer,
            PackSettings settings,
            PackProgress progress,
            CorpusKey key,
            Path folder) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.progress = progress;
        this.key = key;
        this.folder = folder;
    }

    /** Writes all files of the corpus, {@code meta.json} last. */
    CorpusMeta write(List<Path> trainFiles, List<Path> validationFiles) throws IOException {
        int tokenBytes = tokenizer.vocabularySize() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
        try (SplitWriter train = writer(TokenShards.TRAIN, tokenBytes);
                SplitWriter validation = writer(TokenShards.VALIDATION, tokenBytes);
                EncodingPool pool = new EncodingPool(tokenizer, settings.threads())) {
            double fraction = validationFiles.isEmpty() ? config.validationFraction() : 0;
            pack(trainFiles, pool, new Streams(train, validation, fraction));
            pack(validationFiles, pool, new Streams(train, validation, 1));
            requireText(train, validation, validationFiles.isEmpty());
            key.requireUnchanged();
            CorpusMeta meta = new CorpusMeta(
                    CorpusMeta.FORMAT_VERSION,
                    key.value(),
                    new CorpusMeta.TokenizerMeta(
                            tokenizer.fingerprint(), tokenizer.vocabularySize(), tokenizer.endOfDocument()),
                    tokenBytes,
                    new CorpusMeta.Rows(rows, skippedRows, emptyRows),
                    key.sources(),
                    train.finish(),
                    validation.finish());
            Files.write(folder.resolve(CorpusMeta.FILE), meta.toJson());
            progress.packed(
                    train.documents() + validation.documents(),
                    train.textBytes() + validation.textBytes(),
                    train.tokens() + validation.tokens(),
                    1);
            return meta;
        }
    }

    private record Streams(SplitWriter train, SplitWriter validation, double validationFraction) {}

    private SplitWriter writer(String name, int tokenBytes) throws IOException {
        return new SplitWriter(folder, name, tokenBytes, settings.maxShardBytes());
    }

    private void pack(List<Path> files, EncodingPool pool, Streams streams) throws IOException {
        RowCounts counts = new RowCounts(BadRowPolicy.ofTraining(BadRows.of(config.badRows())), this::keep);
        try (DocumentReader reader = DocumentReader.open(files, counts, RowLimit.ofTraining())) {
            List<Document> group = new ArrayList<>();
            long characters = 0;
            for (Document next = reader.next(); next != null; next = reader.next()) {
                group.add(next);
                characters += next.text().length();
                if (characters >= GROUP_CHARACTERS) {
                    pool.submit(group, characters);
                    group.clear();
                    characters = 0;
                }
                while (pool.isFull()) {
                    writeOldest(pool, reader, streams);
                }
            }
            pool.submit(group, characters);
            while (!pool.isEmpty()) {
                writeOldest(pool, reader, streams);
            }
            rows += reader.rows();
            skippedRows += reader.skippedRows();
            emptyRows += reader.emptyRows();
            finishedFileBytes += reader.sourceBytes();
        }
    }

    private void keep(BadRow row) {
        try {
            if (quarantine == null) {
                quarantine = new QuarantineFile(folder.resolve(QUARANTINE));
            }
            quarantine.add(row);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Moves the bad rows, if there are any, to a file that stays, whatever becomes of the packing. */
    void endQuarantine(Path target) throws IOException {
        QuarantineFile open = quarantine;
        if (open != null) {
            quarantine = null;
            open.close();
            QuarantineFile.join(List.of(folder.resolve(QUARANTINE)), target);
            Files.delete(folder.resolve(QUARANTINE));
            LOGGER.warn("The bad rows are in {}", target);
        }
    }

    private void writeOldest(EncodingPool pool, DocumentReader reader, Streams streams) throws IOException {
        while (!pool.oldestEnds(PROGRESS_NANOS)) {
            tell(reader, streams);
        }
        for (EncodedDocument document : pool.takeOldest()) {
            if (document.ids().length == 0) {
                emptyRows++;
                continue;
            }
            boolean held = document.inValidation(streams.validationFraction());
            (held ? streams.validation() : streams.train()).append(document, tokenizer.endOfDocument());
        }
        tell(reader, streams);
    }

    private void tell(DocumentReader reader, Streams streams) {
        if (System.nanoTime() - nextProgress >= 0) {
            nextProgress = System.nanoTime() + PROGRESS_NANOS;
            double fraction = (finishedFileBytes + reader.sourceBytes()) / Math.max(1.0, (double) key.sourceBytes());
            progress.packed(
                    streams.train().documents() + streams.validation().documents(),
                    streams.train().textBytes() + streams.validation().textBytes(),
                    streams.train().tokens() + streams.validation().tokens(),
                    Math.min(1, fraction));
        }
    }

    private void requireText(SplitWriter train, SplitWriter validation, boolean splitByHash) {
        long documents = train.documents() + validation.documents();
        if (documents == 0 || (train.documents() == 0 && !splitByHash)) {
            throw InputException.environment(
                    "The files of data.train hold no documents (" + rows + " rows read, " + skippedRows
                            + " bad, " + emptyRows + " empty): " + String.join(", ", config.train())
                            + "; name files with text");
        }
        if (validation.documents() == 0 && !splitByHash) {
            throw InputException.environment("The files of data.validation hold no documents: "
                    + String.join(", ", config.validation()) + "; name files with text");
        }
        if (train.documents() == 0 || validation.documents() == 0) {
            String empty = train.documents() == 0 ? "training" : "validation";
            throw InputException.configuration("data.validationFraction " + config.validationFraction() + " leaves the "
                    + empty + " set without any of the " + documents
                    + " documents; change the fraction, add text, or name files in data.validation");
        }
    }
}
