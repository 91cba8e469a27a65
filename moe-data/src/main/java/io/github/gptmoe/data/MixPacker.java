package io.github.gptmoe.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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
    private static final int DOCUMENTS_BETWEEN_PROGRESS = 1 << 12;

    private final PackConfig config;
    private final Tokenizer tokenizer;
    private final Path out;
    private final PackOptions options;
    private final PackProgress progress;
    private final int tokenBytes;
    private final List<List<PackInput>> inputs = new ArrayList<>();
    private final List<PackInput> validation;
    private long tokenisedTextBytes;

    private MixPacker(PackConfig config, Tokenizer tokenizer, Path out, PackOptions options, PackProgress progress) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.out = out;
        this.options = options;
        this.progress = progress;
        this.tokenBytes = tokenizer.vocabularySize() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
        Set<Path> seen = new HashSet<>();
        for (PackSource source : config.sources()) {
            inputs.add(inputs("source " + source.name(), source.files(), seen));
        }
        this.validation = inputs("validation", config.validation(), seen);
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
        long start = System.nanoTime();
        config.requireValid();
        requireFree(out);
        return new MixPacker(config, tokenizer, out, options, progress).run(start);
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

    private static List<PackInput> inputs(String role, List<String> entries, Set<Path> seen) {
        List<Path> files = CorpusFiles.resolveOf(role, entries);
        for (Path file : files) {
            try {
                if (!seen.add(file.toRealPath())) {
                    throw InputException.configuration(
                            role + ": " + file
                                    + " belongs to an earlier source too; let each file be in one, and raise its epochs to repeat it");
                }
            } catch (IOException failed) {
                throw DocumentReader.unreadable(file, failed);
            }
        }
        // Hashing is the only work that depends on nothing else.
        return files.parallelStream().map(PackInput::of).toList();
    }

    private MixResult run(long start) {
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
            PackManifest manifest = pack(work);
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
        if (!manifest.request().equals(request())) {
            throw InputException.configuration("--out " + out + ": holds a pack of other text or settings (fingerprint "
                    + manifest.fingerprint() + "); name another folder, or remove it");
        }
        TokenPack.open(out).close();
        Path quarantine = manifest.rows().bad() > 0 && quarantines() ? options.quarantine() : null;
        return new MixResult(out, manifest, true, quarantine, 0, (System.nanoTime() - start) / 1e9);
    }

    private boolean quarantines() {
        return config.badRowPolicy().action() == BadRows.QUARANTINE;
    }

    private PackManifest pack(WorkFolder work) throws IOException {
        PartStore store = new PartStore(work.path().resolve("parts"), tokenBytes);
        store.keepOnly(all().stream().map(this::key).collect(Collectors.toUnmodifiableSet()));
        List<List<TokenPart>> parts = new ArrayList<>();
        List<TokenPart> validationParts;
        long allBytes = all().stream().mapToLong(PackInput::bytes).sum();
        LOGGER.info("Packing {} files, {} MB on disk", all().size(), allBytes / 1e6);
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
                for (List<PackInput> source : inputs) {
                    parts.add(tokenise(run, source));
                }
                validationParts = tokenise(run, validation);
                run.end();
            } catch (InputException failed) {
                throw withBadRows(failed, run);
            }
            tokenisedTextBytes = run.tokenisedTextBytes();
            if (quarantines()) {
                QuarantineFile.join(run.badFiles(), options.quarantine());
            }
        }
        all().forEach(PackInput::requireUnchanged);
        PackManifest manifest = mix(work.freshStage(), parts, validationParts);
        work.publish();
        return manifest;
    }

    private List<PackInput> all() {
        List<PackInput> all = new ArrayList<>();
        inputs.forEach(all::addAll);
        all.addAll(validation);
        return all;
    }

    private List<TokenPart> tokenise(PartRun run, List<PackInput> files) throws IOException {
        List<TokenPart> parts = new ArrayList<>();
        for (PackInput file : files) {
            parts.addAll(run.tokenise(file, key(file)));
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

    private PackManifest mix(Path stage, List<List<TokenPart>> parts, List<TokenPart> validationParts)
            throws IOException {
        double fraction = validation.isEmpty() ? config.validationFraction() : 0;
        List<SourceTokens> sources = new ArrayList<>();
        for (List<TokenPart> ofSource : parts) {
            sources.add(new SourceTokens(mapped(ofSource), fraction));
        }
        SourceTokens held = new SourceTokens(mapped(validationParts), 1);
        requireText(sources, parts, held);
        MixPlan plan = MixPlan.of(
                config.sources(),
                sources.stream().map(source -> source.train().tokens()).toList(),
                config.tokens());
        List<String> names = config.sources().stream().map(PackSource::name).toList();
        Mixture mixture = new Mixture(names, sources, plan, config.seed());
        int end = tokenizer.endOfDocument();
        try (SplitWriter train = writer(stage, TokenShards.TRAIN);
                SplitWriter kept = writer(stage, TokenShards.VALIDATION)) {
            while (mixture.appendNext(train, end)) {
                if (train.documents() % DOCUMENTS_BETWEEN_PROGRESS == 0) {
                    progress.packed(train.documents(), train.textBytes(), train.tokens(), 0.99);
                }
            }
            for (SourceTokens source : sources) {
                appendHeld(source, kept, end);
            }
            appendHeld(held, kept, end);
            PackManifest.Stream trainStream = stream(TokenShards.TRAIN, train);
            PackManifest.Stream heldStream = stream(TokenShards.VALIDATION, kept);
            PackManifest manifest = manifest(
                            described(parts, sources, plan, mixture),
                            PackManifest.Rows.of(rows(parts).plus(totals(validationParts))),
                            trainStream,
                            heldStream)
                    .signed();
            PackJson.write(stage.resolve(PackManifest.FILE), manifest);
            progress.packed(
                    train.documents() + kept.documents(),
                    train.textBytes() + kept.textBytes(),
                    train.tokens() + kept.tokens(),
                    1);
            return manifest;
        }
    }

    private List<PartTokens> mapped(List<TokenPart> parts) throws IOException {
        List<PartTokens> mapped = new ArrayList<>();
        for (TokenPart part : parts) {
            mapped.add(new PartTokens(part, tokenBytes));
        }
        return mapped;
    }

    private SplitWriter writer(Path stage, String name) throws IOException {
        return new SplitWriter(stage, name, tokenBytes, options.maxShardBytes());
    }

    private static void appendHeld(SourceTokens source, SplitWriter writer, int endOfDocument) throws IOException {
        for (long document = 0; document < source.documents(); document++) {
            if (source.inValidation(document)) {
                writer.append(source.document(document), endOfDocument);
            }
        }
    }

    private void requireText(List<SourceTokens> sources, List<List<TokenPart>> parts, SourceTokens held) {
        long heldDocuments = held.documents();
        for (int i = 0; i < sources.size(); i++) {
            SourceTokens source = sources.get(i);
            heldDocuments += source.validation().documents();
            if (source.documents() == 0) {
                RowCounts.Totals rows = totals(parts.get(i));
                throw InputException.environment("source "
                        + config.sources().get(i).name()
                        + " has no documents (" + rows.rows() + " rows read, " + rows.bad() + " bad, " + rows.empty()
                        + " empty); name files with text");
            }
            if (source.train().documents() == 0) {
                throw InputException.configuration("validationFraction " + config.validationFraction() + " takes all "
                        + source.documents() + " documents of source "
                        + config.sources().get(i).name() + "; lower it, add text, or name files in validation");
            }
        }
        if (heldDocuments == 0) {
            throw validation.isEmpty()
                    ? InputException.configuration("validationFraction " + config.validationFraction()
                            + " leaves the validation set without any document; raise it, add text, or name files in"
                            + " validation")
                    : InputException.environment("The files of validation hold no documents: "
                            + String.join(", ", config.validation()) + "; name files with text");
        }
    }

    private static RowCounts.Totals totals(List<TokenPart> parts) {
        return parts.stream().map(part -> part.meta().rows()).reduce(RowCounts.Totals.NONE, RowCounts.Totals::plus);
    }

    private static RowCounts.Totals rows(List<List<TokenPart>> parts) {
        return parts.stream().map(MixPacker::totals).reduce(RowCounts.Totals.NONE, RowCounts.Totals::plus);
    }

    private List<PackManifest.Source> described(
            List<List<TokenPart>> parts, List<SourceTokens> sources, MixPlan plan, Mixture mixture) {
        List<PackManifest.Source> described = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            PackSource source = config.sources().get(i);
            SourceTokens tokens = sources.get(i);
            described.add(new PackManifest.Source(
                    source.name(),
                    source.weight(),
                    source.epochs(),
                    textFiles(inputs.get(i)),
                    PackManifest.Rows.of(totals(parts.get(i))),
                    tokens.train().documents(),
                    tokens.train().tokens(),
                    tokens.validation().documents(),
                    tokens.validation().tokens(),
                    plan.targets().get(i),
                    mixture.taken(i).documents(),
                    mixture.taken(i).tokens()));
        }
        return List.copyOf(described);
    }

    private static PackManifest.Stream stream(String name, SplitWriter writer) throws IOException {
        CorpusMeta.Split split = writer.finish();
        List<PackManifest.Shard> shards = new ArrayList<>();
        for (int i = 0; i < split.shardTokens().size(); i++) {
            shards.add(new PackManifest.Shard(
                    CorpusMeta.shardName(name, i),
                    split.shardTokens().get(i) * writer.tokenBytes(),
                    writer.shardChecksums().get(i)));
        }
        return new PackManifest.Stream(
                split.documents(),
                split.tokens(),
                split.textBytes(),
                split.textCharacters(),
                split.sha256(),
                List.copyOf(shards),
                new PackManifest.Shard(
                        CorpusMeta.indexName(name), split.documents() * Long.BYTES, writer.indexChecksum()));
    }

    private PackManifest manifest(
            List<PackManifest.Source> sources,
            PackManifest.Rows rows,
            PackManifest.Stream train,
            PackManifest.Stream heldStream) {
        return new PackManifest(
                PackManifest.FORMAT_VERSION,
                "",
                tokenizerOf(),
                settings(),
                sources,
                textFiles(validation),
                rows,
                tokenBytes,
                train,
                heldStream);
    }

    private String request() {
        List<PackManifest.Request> requests = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            PackSource source = config.sources().get(i);
            requests.add(new PackManifest.Request(
                    source.name(), source.weight(), source.epochs(), textFiles(inputs.get(i))));
        }
        return PackManifest.requestOf(tokenizerOf(), settings(), requests, textFiles(validation));
    }

    private PackManifest.TokenizerOf tokenizerOf() {
        return new PackManifest.TokenizerOf(
                config.tokenizer().replace('\\', '/'),
                tokenizer.fingerprint(),
                tokenizer.vocabularySize(),
                tokenizer.endOfDocument());
    }

    private PackManifest.Settings settings() {
        return new PackManifest.Settings(
                config.tokens(),
                validation.isEmpty() ? config.validationFraction() : null,
                config.seed(),
                config.badRows(),
                config.maxBadShare(),
                config.longRows(),
                config.maxRowBytes());
    }

    private static List<PackManifest.TextFile> textFiles(List<PackInput> inputs) {
        return inputs.stream()
                .map(input -> new PackManifest.TextFile(input.shown(), input.bytes(), input.sha256()))
                .collect(Collectors.toUnmodifiableList());
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
