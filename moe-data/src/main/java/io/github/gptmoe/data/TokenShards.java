package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A token stream mapped into memory: documents one after the other, each followed by the end-of-document id. Safe for
 * several threads. The files are closed once mapped; {@link #close()} lets go of the mappings, which the garbage
 * collector then undoes.
 */
public final class TokenShards implements TokenStream, AutoCloseable {
    static final String TRAIN = "train";
    static final String VALIDATION = "validation";
    private static final int INDEX_PAGE_BYTES = 1 << 30;

    private final Path folder;
    private final String name;
    private final CorpusMeta meta;
    private final CorpusMeta.Split split;
    private final long[] starts;
    private volatile Mapping mapping;

    private record Mapping(List<ByteBuffer> shards, List<ByteBuffer> index, boolean open) {}

    private TokenShards(Path folder, String name, CorpusMeta meta, Mapping mapping) {
        this.folder = folder;
        this.name = name;
        this.meta = meta;
        this.split = name.equals(TRAIN) ? meta.train() : meta.validation();
        this.mapping = mapping;
        this.starts = new long[split.shardTokens().size()];
        for (int shard = 1; shard < starts.length; shard++) {
            starts[shard] = starts[shard - 1] + split.shardTokens().get(shard - 1);
        }
    }

    /** Maps a stream of a folder whose {@code meta} was verified. */
    static TokenShards open(Path folder, String name, CorpusMeta meta) {
        CorpusMeta.Split split = name.equals(TRAIN) ? meta.train() : meta.validation();
        try {
            List<ByteBuffer> shards = new ArrayList<>();
            for (int shard = 0; shard < split.shardTokens().size(); shard++) {
                shards.addAll(map(folder.resolve(CorpusMeta.shardName(name, shard)), Integer.MAX_VALUE));
            }
            List<ByteBuffer> index = map(folder.resolve(CorpusMeta.indexName(name)), INDEX_PAGE_BYTES);
            return new TokenShards(folder, name, meta, new Mapping(List.copyOf(shards), index, true));
        } catch (IOException failed) {
            throw DocumentReader.unreadable(folder, failed);
        }
    }

    private static List<ByteBuffer> map(Path file, int pageBytes) throws IOException {
        List<ByteBuffer> pages = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            for (long start = 0; start < size; start += pageBytes) {
                long length = Math.min(pageBytes, size - start);
                pages.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length)
                        .order(ByteOrder.LITTLE_ENDIAN));
            }
        }
        return List.copyOf(pages);
    }

    /**
     * Returns which stream this is.
     *
     * @return {@code train} or {@code validation}
     */
    @Override
    public String name() {
        return name;
    }

    /**
     * Returns the length of the stream.
     *
     * @return tokens, the end-of-document ids included
     */
    @Override
    public long tokens() {
        return split.tokens();
    }

    /**
     * Returns how many documents there are.
     *
     * @return documents
     */
    public long documents() {
        return split.documents();
    }

    /**
     * Returns the size of the text behind the tokens, for bits per byte.
     *
     * @return UTF-8 bytes of all documents, line ends and markup of the files excluded
     */
    @Override
    public long textBytes() {
        return split.textBytes();
    }

    /**
     * Returns the length of the text behind the tokens, for bits per character.
     *
     * @return Unicode code points of all documents
     */
    public long textCharacters() {
        return split.textCharacters();
    }

    /**
     * Returns V of the tokenizer that made the tokens.
     *
     * @return every token is below it
     */
    public int vocabularySize() {
        return meta.tokenizer().vocabulary();
    }

    /**
     * Returns the end of a document.
     *
     * @param document its number in the stream, from 0
     * @return the offset behind its end-of-document id
     */
    public long documentEnd(long document) {
        if (document < 0 || document >= split.documents()) {
            throw new IndexOutOfBoundsException("document " + document + " of " + split.documents());
        }
        long at = document * Long.BYTES;
        return mapped().index().get((int) (at / INDEX_PAGE_BYTES)).getLong((int) (at % INDEX_PAGE_BYTES));
    }

    /**
     * Copies tokens out of the stream.
     *
     * @param offset where to begin
     * @param into is filled completely
     * @throws InputException if the cached file holds an impossible id, with the file and the byte
     */
    @Override
    public void read(long offset, int[] into) {
        if (offset < 0 || offset > split.tokens() - into.length) {
            throw new IndexOutOfBoundsException(
                    "tokens " + offset + " to " + (offset + into.length) + " of " + split.tokens());
        }
        List<ByteBuffer> shards = mapped().shards();
        int done = 0;
        while (done < into.length) {
            int shard = shardOf(offset + done);
            long start = offset + done - starts[shard];
            int count = (int) Math.min(into.length - done, split.shardTokens().get(shard) - start);
            copy(shards.get(shard), (int) start, into, done, count);
            done += count;
        }
        for (int i = 0; i < into.length; i++) {
            if (into[i] < 0 || into[i] >= vocabularySize()) {
                throw damaged(offset + i, into[i]);
            }
        }
    }

    private InputException damaged(long token, int id) {
        int shard = shardOf(token);
        return InputException.environment(folder.resolve(CorpusMeta.shardName(name, shard)) + ", byte "
                + (token - starts[shard]) * meta.tokenBytes() + " (token " + token + " of " + name
                + "): the token shards are damaged (id " + id + "); delete the folder " + folder
                + (TokenPack.isPack(folder) ? " and call moe data pack again" : ", it will be made again"));
    }

    private int shardOf(long offset) {
        int found = Arrays.binarySearch(starts, offset);
        return found >= 0 ? found : -found - 2;
    }

    private void copy(ByteBuffer shard, int start, int[] into, int at, int count) {
        if (meta.tokenBytes() == Short.BYTES) {
            for (int i = 0; i < count; i++) {
                into[at + i] = shard.getShort((start + i) * Short.BYTES) & 0xFFFF;
            }
        } else {
            for (int i = 0; i < count; i++) {
                into[at + i] = shard.getInt((start + i) * Integer.BYTES);
            }
        }
    }

    @Override
    public String description() {
        List<String> ofThisRole = files(name);
        List<String> sources = ofThisRole.isEmpty() ? files(TRAIN) : ofThisRole;
        String more = sources.size() > 3 ? " and " + (sources.size() - 3) + " more" : "";
        String shown = String.join(", ", sources.subList(0, Math.min(3, sources.size())));
        return "The " + (name.equals(TRAIN) ? "training" : name) + " text of " + shown + more;
    }

    private List<String> files(String role) {
        return meta.sources().stream()
                .filter(source -> source.role().equals(role))
                .map(CorpusMeta.Source::path)
                .toList();
    }

    private Mapping mapped() {
        Mapping current = mapping;
        if (!current.open()) {
            throw new IllegalStateException("the token shards of " + folder + " are closed");
        }
        return current;
    }

    @Override
    public void close() {
        mapping = new Mapping(List.of(), List.of(), false);
    }
}
