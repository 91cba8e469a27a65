package io.github.gptmoe.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code pack.json} of a packed corpus: what was packed, how, and what came of it. Nothing in it depends on the number of
 * threads, on the clock or on interruptions.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param fingerprint {@link #computedFingerprint()}
 * @param tokenizer what made the tokens
 * @param settings how
 * @param sources the mixture
 * @param validationFiles files of validation text; empty where it was taken out of the sources
 * @param rows what became of all rows
 * @param tokenBytes bytes of a token in the shards, 2 or 4
 * @param train the training stream
 * @param validation the validation stream
 */
public record PackManifest(
        int formatVersion,
        String fingerprint,
        TokenizerOf tokenizer,
        Settings settings,
        List<Source> sources,
        List<TextFile> validationFiles,
        Rows rows,
        int tokenBytes,
        Stream train,
        Stream validation) {
    /** The version of the folder's layout. */
    public static final int FORMAT_VERSION = 1;

    static final String FILE = "pack.json";

    /**
     * Refuses what is missing, as a file may have a null anywhere.
     *
     * @param formatVersion as above
     * @param fingerprint as above
     * @param tokenizer as above
     * @param settings as above
     * @param sources as above
     * @param validationFiles as above
     * @param rows as above
     * @param tokenBytes as above
     * @param train as above
     * @param validation as above
     */
    public PackManifest {
        requireAll(fingerprint, tokenizer, settings, rows, train, validation);
        sources = List.copyOf(sources);
        validationFiles = List.copyOf(validationFiles);
    }

    private static void requireAll(Object... components) {
        for (Object component : components) {
            Objects.requireNonNull(component, "a null where a value is needed");
        }
    }

    /**
     * The tokenizer.
     *
     * @param path as it was given when packing, where a person may look for it
     * @param fingerprint {@link Tokenizer#fingerprint()}
     * @param vocabulary V; every token is below it
     * @param endOfDocument the token behind every document
     */
    public record TokenizerOf(String path, String fingerprint, int vocabulary, int endOfDocument) {
        /**
         * Refuses nulls.
         *
         * @param path as above
         * @param fingerprint as above
         * @param vocabulary as above
         * @param endOfDocument as above
         */
        public TokenizerOf {
            requireAll(path, fingerprint);
        }
    }

    /**
     * Settings of {@link PackConfig} that decide the content.
     *
     * @param tokens T; null where it was not given
     * @param validationFraction share of the documents that were held out; null where validation has files of its own
     * @param seed of the shuffled order
     * @param badRows policy
     * @param maxBadShare limit of that policy
     * @param longRows policy
     * @param maxRowBytes limit of that policy
     */
    public record Settings(
            @Nullable Long tokens,
            @Nullable Double validationFraction,
            long seed,
            String badRows,
            double maxBadShare,
            String longRows,
            int maxRowBytes) {
        /**
         * Refuses nulls.
         *
         * @param tokens as above
         * @param validationFraction as above
         * @param seed as above
         * @param badRows as above
         * @param maxBadShare as above
         * @param longRows as above
         * @param maxRowBytes as above
         */
        public Settings {
            requireAll(badRows, longRows);
        }
    }

    /**
     * A text file.
     *
     * @param path as it was found
     * @param bytes size on disk
     * @param sha256 of its content on disk
     */
    public record TextFile(String path, long bytes, String sha256) {
        /**
         * Refuses nulls.
         *
         * @param path as above
         * @param bytes as above
         * @param sha256 as above
         */
        public TextFile {
            requireAll(path, sha256);
        }
    }

    /**
     * A source.
     *
     * @param name its name
     * @param weight as it was given; null where it was not
     * @param epochs as it was given; null where it was not
     * @param files its text
     * @param rows what became of its rows
     * @param documents training documents it has
     * @param tokens their tokens
     * @param heldDocuments its documents in the validation stream
     * @param heldTokens their tokens
     * @param targetTokens tokens it was to give
     * @param packedDocuments documents it gave, repetitions counted
     * @param packedTokens their tokens
     */
    public record Source(
            String name,
            @Nullable Double weight,
            @Nullable Double epochs,
            List<TextFile> files,
            Rows rows,
            long documents,
            long tokens,
            long heldDocuments,
            long heldTokens,
            long targetTokens,
            long packedDocuments,
            long packedTokens) {
        /**
         * Refuses nulls.
         *
         * @param name as above
         * @param weight as above
         * @param epochs as above
         * @param files as above
         * @param rows as above
         * @param documents as above
         * @param tokens as above
         * @param heldDocuments as above
         * @param heldTokens as above
         * @param targetTokens as above
         * @param packedDocuments as above
         * @param packedTokens as above
         */
        public Source {
            requireAll(name, rows);
            files = List.copyOf(files);
        }
    }

    /**
     * What became of rows.
     *
     * @param read all but blank lines
     * @param bad rows that could not be used
     * @param empty rows without text or tokens
     * @param cut rows whose text was cut at the limit
     */
    public record Rows(long read, long bad, long empty, long cut) {
        static Rows of(RowCounts.Totals totals) {
            return new Rows(totals.rows(), totals.bad(), totals.empty(), totals.cut());
        }
    }

    /**
     * A token stream.
     *
     * @param documents how many
     * @param tokens how many, ends of documents included
     * @param textBytes UTF-8 bytes of the text
     * @param textCharacters code points of the text
     * @param sha256 of all token bytes
     * @param shards the files of tokens, in order
     * @param index the file of document ends
     */
    public record Stream(
            long documents,
            long tokens,
            long textBytes,
            long textCharacters,
            String sha256,
            List<Shard> shards,
            Shard index) {
        /**
         * Refuses nulls.
         *
         * @param documents as above
         * @param tokens as above
         * @param textBytes as above
         * @param textCharacters as above
         * @param sha256 as above
         * @param shards as above
         * @param index as above
         */
        public Stream {
            requireAll(sha256, index);
            shards = List.copyOf(shards);
        }
    }

    /**
     * A file of the folder.
     *
     * @param file its name
     * @param bytes its size
     * @param crc32c checksum of its content
     */
    public record Shard(String file, long bytes, String crc32c) {
        /**
         * Refuses nulls.
         *
         * @param file as above
         * @param bytes as above
         * @param crc32c as above
         */
        public Shard {
            requireAll(file, crc32c);
        }
    }

    /** A copy that carries its own fingerprint. */
    PackManifest signed() {
        return new PackManifest(
                formatVersion,
                computedFingerprint(),
                tokenizer,
                settings,
                sources,
                validationFiles,
                rows,
                tokenBytes,
                train,
                validation);
    }

    /**
     * Computes the fingerprint: a hash over the tokens of both streams, {@link #requestOf the request}, and every number of this
     * description. Folders of files do not count, so it is the same wherever the text lies.
     *
     * @return 64 hexadecimal digits
     */
    public String computedFingerprint() {
        SettingsDigest digest = new SettingsDigest();
        digest.add("request", request());
        digest.add("rows", rows);
        digest.add("tokenBytes", tokenBytes);
        for (Source source : sources) {
            digest.add("source", source.name());
            digest.add("rows", source.rows());
            digest.add("documents", source.documents() + " " + source.tokens());
            digest.add("held", source.heldDocuments() + " " + source.heldTokens());
            digest.add("target", source.targetTokens());
            digest.add("packed", source.packedDocuments() + " " + source.packedTokens());
        }
        for (Stream stream : List.of(train, validation)) {
            digest.add("documents", stream.documents() + " " + stream.tokens());
            digest.add("text", stream.textBytes() + " " + stream.textCharacters());
            digest.add("sha256", stream.sha256());
            for (Shard shard : shards(stream)) {
                digest.add(shard.file(), shard.bytes() + " " + shard.crc32c());
            }
        }
        return digest.value();
    }

    /** All files of a stream. */
    static List<Shard> shards(Stream stream) {
        List<Shard> files = new ArrayList<>(stream.shards());
        files.add(stream.index());
        return files;
    }

    /** A hash over what was asked for; equal requests give equal packs. */
    String request() {
        List<Request> requests = sources.stream()
                .map(source -> new Request(source.name(), source.weight(), source.epochs(), source.files()))
                .toList();
        return requestOf(tokenizer, settings, requests, validationFiles);
    }

    /** What is asked of a source. */
    record Request(
            String name, @Nullable Double weight, @Nullable Double epochs, List<TextFile> files) {}

    static String requestOf(
            TokenizerOf tokenizer, Settings settings, List<Request> sources, List<TextFile> validationFiles) {
        SettingsDigest digest = new SettingsDigest();
        digest.add("format", FORMAT_VERSION);
        digest.add("tokenizer", tokenizer.fingerprint());
        digest.add("vocabulary", tokenizer.vocabulary());
        digest.add("endOfDocument", tokenizer.endOfDocument());
        digest.add("settings", settings);
        for (Request source : sources) {
            digest.add("source", source.name());
            digest.add("weight", String.valueOf(source.weight()));
            digest.add("epochs", String.valueOf(source.epochs()));
            source.files().forEach(file -> add(digest, "file", file));
        }
        validationFiles.forEach(file -> add(digest, "validation", file));
        return digest.value();
    }

    private static void add(SettingsDigest digest, String role, TextFile file) {
        digest.add(role, file.path().substring(file.path().lastIndexOf('/') + 1));
        digest.add("sha256", file.sha256());
    }

    /** The description that {@link TokenShards} reads by. */
    CorpusMeta corpusMeta() {
        List<CorpusMeta.Source> files = new ArrayList<>();
        for (Source source : sources) {
            source.files().forEach(file -> files.add(metaSource(TokenShards.TRAIN, file)));
        }
        validationFiles.forEach(file -> files.add(metaSource(TokenShards.VALIDATION, file)));
        return new CorpusMeta(
                CorpusMeta.FORMAT_VERSION,
                fingerprint,
                new CorpusMeta.TokenizerMeta(
                        tokenizer.fingerprint(), tokenizer.vocabulary(), tokenizer.endOfDocument()),
                tokenBytes,
                new CorpusMeta.Rows(rows.read(), rows.bad(), rows.empty()),
                List.copyOf(files),
                split(train),
                split(validation));
    }

    private static CorpusMeta.Source metaSource(String role, TextFile file) {
        return new CorpusMeta.Source(role, file.path(), file.bytes(), "sha256:" + file.sha256());
    }

    private CorpusMeta.Split split(Stream stream) {
        return new CorpusMeta.Split(
                stream.tokens(),
                stream.documents(),
                stream.textBytes(),
                stream.textCharacters(),
                stream.sha256(),
                stream.shards().stream()
                        .map(shard -> shard.bytes() / tokenBytes)
                        .toList());
    }
}
