package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns text files into token shards, once.
 *
 * <p>Every corpus has a folder in the cache, named by a hash of the source files, the tokenizer, the validation settings
 * and the format version. It is written under a temporary name, forced to disk and renamed, so a process that is killed
 * or a full disk leaves nothing that a later run could take for a corpus; the remains are removed by the next packing.
 *
 * <p>Layout of a folder: {@code train-00000.bin}, {@code train-00001.bin}, ... and the same for {@code validation}: ids,
 * little-endian, unsigned 16 bits when the vocabulary has at most 65,536 pieces, else 32 bits, no header, at most 1 GiB
 * a file; {@code train.index}, {@code validation.index}: one 64-bit little-endian integer per document, the offset behind
 * its end-of-document id; {@code meta.json}: counts, sources, tokenizer, hashes.
 *
 * <p>The validation split: a document goes there when the FNV-1a hash (64 bits) of its UTF-8 text, mixed by SplitMix64's
 * finalizer and read as a fraction of 2^64, is below {@code validationFraction}. So the choice does not depend on the
 * order or names of files, and copies of one text never lie on both sides.
 */
public final class CorpusPacker {
    private static final Logger LOGGER = LoggerFactory.getLogger(CorpusPacker.class);

    private CorpusPacker() {}

    /**
     * Packs a corpus or finds it in the cache.
     *
     * @param config which files, and where the cache is
     * @param tokenizer turns text into ids; used by several threads
     * @return the corpus, to be closed by the caller
     * @throws InputException if the files or the disk do not allow it
     */
    public static TokenCorpus pack(DataConfig config, Tokenizer tokenizer) {
        return pack(config, tokenizer, (documents, textBytes, tokens, fraction) -> {});
    }

    /**
     * Packs a corpus or finds it in the cache.
     *
     * @param config which files, and where the cache is
     * @param tokenizer turns text into ids; used by several threads
     * @param progress hears how far it is; not called when the corpus is in the cache
     * @return the corpus, to be closed by the caller
     * @throws InputException if the files or the disk do not allow it
     */
    public static TokenCorpus pack(DataConfig config, Tokenizer tokenizer, PackProgress progress) {
        return pack(config, tokenizer, progress, PackSettings.ofMachine());
    }

    static TokenCorpus pack(DataConfig config, Tokenizer tokenizer, PackProgress progress, PackSettings settings) {
        long start = System.nanoTime();
        config.requireValid();
        List<Path> train = CorpusFiles.resolve(TokenShards.TRAIN, config.train());
        List<Path> validation = CorpusFiles.resolve(TokenShards.VALIDATION, config.validation());
        CorpusFiles.requireDisjoint(train, validation);
        CorpusKey key = new CorpusKey(config, train, validation, tokenizer, settings.maxShardBytes());
        Path cache = Path.of(config.cache());
        Path target = cache.resolve(key.value());
        try {
            boolean reused = isUsable(target, key);
            if (!reused) {
                try (PackFolder folder = PackFolder.create(cache)) {
                    LOGGER.info(
                            "Packing {} files, {} MB on disk",
                            train.size() + validation.size(),
                            key.sourceBytes() / 1e6);
                    PackRun run = new PackRun(config, tokenizer, settings, progress, key, folder.path());
                    try {
                        run.write(train, validation);
                    } finally {
                        run.endQuarantine(cache.resolve(key.value() + ".quarantine.ndjson"));
                    }
                    publish(folder, target, key);
                }
            }
            return open(target, key, reused, (System.nanoTime() - start) / 1e9);
        } catch (IOException failed) {
            throw unwritable(cache, failed);
        } catch (UncheckedIOException failed) {
            throw unwritable(cache, Objects.requireNonNull(failed.getCause()));
        }
    }

    private static boolean isUsable(Path target, CorpusKey key) throws IOException {
        if (!Files.exists(target)) {
            return false;
        }
        try {
            CorpusMeta.read(target).verify(target, key.value());
            return true;
        } catch (IOException damaged) {
            LOGGER.warn("The packed corpus {} is damaged ({}) and is made again", target, damaged.getMessage());
            PackFolder.discard(target);
            return false;
        }
    }

    private static void publish(PackFolder folder, Path target, CorpusKey key) throws IOException {
        try {
            folder.publish(target);
        } catch (FileSystemException occupied) {
            // Another process may have packed the same corpus meanwhile: equal keys mean equal bytes.
            if (!isUsable(target, key)) {
                throw occupied;
            }
            LOGGER.info("Another process packed this corpus meanwhile; using {}", target);
        }
    }

    private static TokenCorpus open(Path target, CorpusKey key, boolean reused, double seconds) throws IOException {
        CorpusMeta meta = CorpusMeta.read(target);
        meta.verify(target, key.value());
        CorpusMeta.Split train = meta.train();
        CorpusMeta.Split validation = meta.validation();
        PackReport report = new PackReport(
                reused,
                train.documents() + validation.documents(),
                train.textBytes() + validation.textBytes(),
                train.tokens() + validation.tokens(),
                meta.rows().skipped(),
                meta.rows().empty(),
                seconds);
        log(target, report);
        String content = meta.tokenizer().fingerprint() + train.sha256() + validation.sha256();
        return new TokenCorpus(
                target,
                TokenShards.open(target, TokenShards.TRAIN, meta),
                TokenShards.open(target, TokenShards.VALIDATION, meta),
                Hashes.sha256(content.getBytes(UTF_8)),
                report);
    }

    private static void log(Path target, PackReport report) {
        String rates = report.reused()
                ? "found in the cache"
                : String.format(
                        Locale.ROOT,
                        "packed in %.1f s, %.1f MB/s, %.0f tokens/s",
                        report.seconds(),
                        report.megabytesPerSecond(),
                        report.tokensPerSecond());
        LOGGER.info(
                "Corpus {}: {} documents, {} bytes of text, {} tokens, {}",
                target,
                report.documents(),
                report.textBytes(),
                report.tokens(),
                rates);
        if (report.skippedRows() > 0) {
            LOGGER.warn("{} bad rows were left out of {}", report.skippedRows(), target);
        }
    }

    private static InputException unwritable(Path cache, IOException failed) {
        String room;
        try {
            room = Files.getFileStore(cache).getUsableSpace() / 1_000_000 + " MB free after clean-up";
        } catch (IOException unknown) {
            room = "free space unknown";
        }
        // The message of these is a bare path; their name says what went wrong with it.
        String reason = failed instanceof FileSystemException
                ? failed.getClass().getSimpleName() + " " + failed.getMessage()
                : String.valueOf(failed.getMessage());
        return InputException.environment(
                "data.cache " + cache.toAbsolutePath() + ": writing token shards failed (" + reason + ", " + room
                        + "); free space, correct the permissions or name another folder",
                failed);
    }
}
