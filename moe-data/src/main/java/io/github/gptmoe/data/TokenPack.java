package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A folder that {@code moe data pack} made, opened for reading. Any number of runs and processes may read one.
 *
 * @see MixPacker
 */
public final class TokenPack implements AutoCloseable {
    private static final String FINGERPRINT_PREFIX = "pack-";

    private final Path folder;
    private final PackManifest manifest;
    private final TokenShards train;
    private final TokenShards validation;

    private TokenPack(Path folder, PackManifest manifest, TokenShards train, TokenShards validation) {
        this.folder = folder;
        this.manifest = manifest;
        this.train = train;
        this.validation = validation;
    }

    /**
     * Tells whether a path is a packed corpus, sound or not.
     *
     * @param path any path
     * @return whether it is a folder with the description of a pack
     */
    public static boolean isPack(Path path) {
        return Files.isRegularFile(path.resolve(PackManifest.FILE));
    }

    /** The same of what may be no path at all. */
    static boolean isPack(String entry) {
        try {
            return isPack(Path.of(entry));
        } catch (InvalidPathException malformed) {
            return false;
        }
    }

    /**
     * Reads the description, without a look at the tokens.
     *
     * @param folder a packed corpus
     * @return what is in it
     * @throws InputException if it is no sound description
     */
    public static PackManifest describe(Path folder) {
        Path file = folder.resolve(PackManifest.FILE);
        if (!Files.isRegularFile(file)) {
            throw InputException.environment(folder + ": is no packed corpus, as it has no " + PackManifest.FILE
                    + "; make one with moe data pack --out " + folder);
        }
        PackManifest manifest;
        try {
            manifest = PackJson.read(file, PackManifest.class);
        } catch (IOException broken) {
            throw damaged(folder, PackManifest.FILE + " cannot be read: " + broken.getMessage());
        }
        if (manifest.formatVersion() != PackManifest.FORMAT_VERSION) {
            throw InputException.environment(folder + ": was packed by another version of this program (format "
                    + manifest.formatVersion() + " instead of " + PackManifest.FORMAT_VERSION
                    + "); pack the text again");
        }
        if (!manifest.computedFingerprint().equals(manifest.fingerprint())) {
            throw damaged(folder, PackManifest.FILE + " was changed: its fingerprint is not that of its content");
        }
        return manifest;
    }

    /**
     * Opens a pack and reads all of it once, to see that every file is as it was written.
     *
     * @param folder a packed corpus
     * @return the pack, to be closed by the caller
     * @throws InputException if it is no pack or is damaged, naming the file
     */
    public static TokenPack open(Path folder) {
        PackManifest manifest = describe(folder);
        verify(folder, manifest.train());
        verify(folder, manifest.validation());
        CorpusMeta meta = manifest.corpusMeta();
        return new TokenPack(
                folder,
                manifest,
                TokenShards.open(folder, TokenShards.TRAIN, meta),
                TokenShards.open(folder, TokenShards.VALIDATION, meta));
    }

    private static void verify(Path folder, PackManifest.Stream stream) {
        for (PackManifest.Shard shard : PackManifest.shards(stream)) {
            Path file = folder.resolve(shard.file());
            try {
                if (!Files.isRegularFile(file)) {
                    throw damaged(folder, shard.file() + " is missing");
                }
                long bytes = Files.size(file);
                if (bytes != shard.bytes()) {
                    throw damaged(folder, shard.file() + " has " + bytes + " bytes instead of " + shard.bytes());
                }
                if (!Checksums.crc32c(file).equals(shard.crc32c())) {
                    throw damaged(folder, shard.file() + " fails its checksum");
                }
            } catch (IOException failed) {
                throw DocumentReader.unreadable(file, failed);
            }
        }
    }

    private static InputException damaged(Path folder, String what) {
        return InputException.environment("the packed corpus " + folder + " is damaged: " + what
                + "; remove the folder and call moe data pack again, or copy it again");
    }

    /**
     * Refuses a tokenizer that did not make the tokens.
     *
     * @param tokenizer the one that is going to be used
     * @param path where it comes from, for the message
     * @throws InputException if it is another one
     */
    public void requireTokenizer(Tokenizer tokenizer, String path) {
        PackManifest.TokenizerOf made = manifest.tokenizer();
        if (!made.fingerprint().equals(tokenizer.fingerprint())) {
            throw InputException.configuration("data.train: " + folder + " was packed with another tokenizer ("
                    + made.path() + ", SHA-256 " + made.fingerprint() + ") than data.tokenizer " + path + " ("
                    + tokenizer.fingerprint() + "); name that one in data.tokenizer, or pack the text again with "
                    + path);
        }
    }

    /**
     * Returns where it lies.
     *
     * @return the folder
     */
    public Path folder() {
        return folder;
    }

    /**
     * Returns what was packed.
     *
     * @return the description
     */
    public PackManifest manifest() {
        return manifest;
    }

    /**
     * Returns the training stream.
     *
     * @return tokens; belongs to this pack
     */
    public TokenShards train() {
        return train;
    }

    /**
     * Returns the validation stream.
     *
     * @return tokens; belongs to this pack
     */
    public TokenShards validation() {
        return validation;
    }

    /**
     * Counts the lengths of a stream's documents.
     *
     * @param stream one of this pack
     * @return lengths in tokens, the end of the document included
     */
    public static Lengths lengths(TokenShards stream) {
        Lengths.Counter counter = new Lengths.Counter();
        long start = 0;
        for (long document = 0; document < stream.documents(); document++) {
            long end = stream.documentEnd(document);
            counter.add(end - start);
            start = end;
        }
        return counter.lengths();
    }

    /**
     * Reads the tokens of a document.
     *
     * @param stream one of this pack
     * @param document its number in the stream, from 0
     * @return its ids, without the end of the document
     */
    public static int[] document(TokenShards stream, long document) {
        long start = document == 0 ? 0 : stream.documentEnd(document - 1);
        int[] ids = new int[Math.toIntExact(stream.documentEnd(document) - 1 - start)];
        stream.read(start, ids);
        return ids;
    }

    /** The streams as a run sees them; closing it closes this. */
    TokenCorpus corpus() {
        PackReport report = new PackReport(
                true,
                train.documents() + validation.documents(),
                train.textBytes() + validation.textBytes(),
                train.tokens() + validation.tokens(),
                manifest.rows().bad(),
                manifest.rows().empty(),
                0);
        return new TokenCorpus(folder, train, validation, FINGERPRINT_PREFIX + manifest.fingerprint(), report);
    }

    @Override
    public void close() {
        train.close();
        validation.close();
    }
}
