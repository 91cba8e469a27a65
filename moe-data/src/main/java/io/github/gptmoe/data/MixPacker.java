package io.github.gptmoe.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packs a mixture of text sources into a folder of token shards that runs share.
 *
 * <p>First every file is tokenised into parts, in the folder {@code OUT.packing}; then the documents are mixed into the shards. A part
 * that is finished is never made again: a packing that is killed or stopped goes on behind its last one, and one with another mixture,
 * seed or limit of bad rows finds the parts of the files that stayed. The result appears under its name in one step. Its bytes depend
 * on text, tokenizer and settings alone.
 *
 * <p>Layout of the folder: {@code train-00000.bin}, ..., {@code train.index} and the same of {@code validation} as {@link CorpusPacker}
 * describes them; {@code pack.json}, the {@link PackManifest}.
 */
public final class MixPacker {
    private static final Logger LOGGER = LoggerFactory.getLogger(MixPacker.class);

    private final PackConfig config;
    private final Tokenizer tokenizer;
    private final Path out;
    private final PackOptions options;
    private final PackProgress progress;
    private final PackInputs inputs;
    private final Mixing mixing;
    private long tokenisedTextBytes;

    private MixPacker(PackConfig config, Tokenizer tokenizer, Path out, PackOptions options, PackProgress progress) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.out = out;
        this.options = options;
        this.progress = progress;
        this.inputs = PackInputs.of(config);
        this.mixing = new Mixing(config, inputs, tokenizer, options.maxShardBytes(), progress);
    }

    /**
     * Packs, unless the folder holds the same already.
     *
     * @param config what
     * @param tokenizer turns text into ids; used by several threads
     * @param out the folder to be made
     * @param options with what means
     * @param progress hears how far it is; what it throws stops the packing, which then can be gone on with
     * @return what was done
     * @throws InputException if files, settings or disk do not allow it, or the folder holds something else
     */
    public static MixResult pack(
            PackConfig config, Tokenizer tokenizer, Path out, PackOptions options, PackProgress progress) {
        return pack(config, tokenizer, out, options, progress, jobs -> {});
    }

    /**
     * Packs, unless the folder holds the same already; others may tokenise files first.
     *
     * @param config what
     * @param tokenizer turns text into ids; used by several threads
     * @param out the folder to be made
     * @param options with what means
     * @param progress hears how far it is; what it throws stops the packing, which then can be gone on with
     * @param ahead is given all files before they are tokenised, while this call holds the folder; what it leaves undone is done here
     * @return what was done
     * @throws InputException if files, settings or disk do not allow it, or the folder holds something else
     */
    public static MixResult pack(
            PackConfig config,
            Tokenizer tokenizer,
            Path out,
            PackOptions options,
            PackProgress progress,
            Consumer<List<PartJob>> ahead) {
        long start = System.nanoTime();
        config.requireValid();
        requireFree(out);
        MixPacker packer = new MixPacker(config, tokenizer, out, options, progress);
        packer.requireQuarantine();
        return packer.run(start, ahead);
    }

    /** A file of bad rows replaces an earlier one, or removes it, and must do so to nothing else. */
    private void requireQuarantine() {
        Path file = absolute(options.quarantine());
        String name = "--quarantine " + options.quarantine() + ": ";
        if (file.startsWith(absolute(out)) || file.startsWith(WorkFolder.of(out))) {
            throw InputException.configuration(name + "lies in --out " + out
                    + " or its work folder, which have only what is packed; name a file beside it");
        }
        if (!quarantines()) {
            return;
        }
        try {
            if (Files.exists(file) && !QuarantineFile.isOne(file)) {
                throw InputException.configuration(
                        name + "exists and is no file of bad rows; name one that is to be made, or remove it");
            }
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static void requireFree(Path out) {
        if (!Files.exists(out) || TokenPack.isPack(out)) {
            return;
        }
        try (Stream<Path> entries = Files.isDirectory(out) ? Files.list(out) : Stream.of(out)) {
            if (entries.findAny().isPresent()) {
                throw InputException.configuration(
                        "--out " + out + ": exists and is no packed corpus; name a folder that is to be made");
            }
        } catch (IOException failed) {
            throw DocumentReader.unreadable(out, failed);
        }
    }

    private MixResult run(long start, Consumer<List<PartJob>> ahead) {
        if (TokenPack.isPack(out)) {
            MixResult result = reused(start);
            try {
                WorkFolder.removeRemains(out);
            } catch (IOException failed) {
                throw unwritable(failed);
            }
            return result;
        }
        try (WorkFolder work = WorkFolder.open(out)) {
            if (TokenPack.isPack(out)) { // Another process had the lock until now.
                return reused(start);
            }
            PackManifest manifest = pack(work, ahead);
            Path quarantine = manifest.rows().bad() > 0 && quarantines() ? options.quarantine() : null;
            return new MixResult(
                    out, manifest, false, quarantine, tokenisedTextBytes, (System.nanoTime() - start) / 1e9);
        } catch (IOException failed) {
            throw unwritable(failed);
        } catch (UncheckedIOException failed) {
            throw unwritable(Objects.requireNonNull(failed.getCause()));
        }
    }

    private MixResult reused(long start) {
        PackManifest manifest = TokenPack.describe(out);
        if (!manifest.request().equals(mixing.request())) {
            throw InputException.configuration("--out " + out + ": holds a pack of other text or settings (fingerprint "
                    + manifest.fingerprint() + "); name another folder, or remove it");
        }
        TokenPack.open(out).close();
        Path quarantine = quarantines() && Files.exists(options.quarantine()) ? options.quarantine() : null;
        return new MixResult(out, manifest, true, quarantine, 0, (System.nanoTime() - start) / 1e9);
    }

    private boolean quarantines() {
        return config.badRowPolicy().action() == BadRows.QUARANTINE;
    }

    private PackManifest pack(WorkFolder work, Consumer<List<PartJob>> ahead) throws IOException {
        PartStore store = new PartStore(work.parts(), mixing.tokenBytes());
        store.keepOnly(inputs.all().stream().map(this::key).collect(Collectors.toUnmodifiableSet()));
        ahead.accept(inputs.all().stream()
                .map(input -> PartJob.of(input, key(input), work.parts(), mixing.tokenBytes(), config, options))
                .toList());
        List<List<TokenPart>> parts = new ArrayList<>();
        List<TokenPart> validationParts;
        long allBytes = inputs.all().stream().mapToLong(PackInput::bytes).sum();
        LOGGER.info("Packing {} files, {} MB on disk", inputs.all().size(), allBytes / 1e6);
        try (EncodingPool pool = new EncodingPool(tokenizer, options.threads())) {
            PartRun run = new PartRun(
                    tokenizer,
                    pool,
                    store,
                    config.badRowPolicy(),
                    config.rowLimit(),
                    options.partCharacters(),
                    allBytes,
                    progress);
            try {
                for (List<PackInput> source : inputs.sources()) {
                    parts.add(tokenise(run, source));
                }
                validationParts = tokenise(run, inputs.validation());
                run.end();
            } catch (InputException failed) {
                throw withBadRows(failed, run);
            }
            tokenisedTextBytes = run.tokenisedTextBytes();
            if (quarantines()) {
                QuarantineFile.join(run.badFiles(), options.quarantine());
            }
        }
        inputs.all().forEach(input -> PartSource.of(input).requireUnchanged());
        PackManifest manifest = mixing.write(work.freshStage(), parts, validationParts);
        work.publish();
        return manifest;
    }

    private List<TokenPart> tokenise(PartRun run, List<PackInput> files) throws IOException {
        List<TokenPart> parts = new ArrayList<>();
        for (PackInput file : files) {
            parts.addAll(run.tokenise(PartSource.of(file), key(file)));
        }
        return parts;
    }

    /** Rows that led to a failure are what a person wants to see then. */
    private InputException withBadRows(InputException failed, PartRun run) throws IOException {
        List<Path> rows = run.badFiles();
        if (!quarantines() || rows.isEmpty()) {
            return failed;
        }
        QuarantineFile.join(rows, options.quarantine());
        return new InputException(
                failed.kind(), failed.getMessage() + ". The bad rows are in " + options.quarantine(), failed);
    }

    /** Everything that decides the tokens and the rows of a file. */
    private String key(PackInput input) {
        SettingsDigest digest = new SettingsDigest();
        digest.add("format", PackManifest.FORMAT_VERSION);
        digest.add("file", input.shown());
        digest.add("sha256", input.sha256());
        digest.add("tokenizer", tokenizer.fingerprint());
        digest.add("vocabulary", tokenizer.vocabularySize());
        digest.add("endOfDocument", tokenizer.endOfDocument());
        digest.add("rows", config.rowLimit());
        digest.add("keepsBadRows", quarantines());
        digest.add("partCharacters", options.partCharacters());
        return digest.value().substring(0, 32);
    }

    private InputException unwritable(IOException failed) {
        // The message of these is a bare path; their name says what went wrong with it.
        String reason = failed instanceof FileSystemException
                ? failed.getClass().getSimpleName() + " " + failed.getMessage()
                : String.valueOf(failed.getMessage());
        return InputException.environment(
                "--out " + out + ": packing failed (" + reason + "); free space or correct the permissions, and call"
                        + " again: what is done already lies in " + WorkFolder.of(out),
                failed);
    }
}
