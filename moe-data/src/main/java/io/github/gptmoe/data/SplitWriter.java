package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Writes one token stream: shard files of little-endian ids without a header, and the index of document ends. */
final class SplitWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path folder;
    private final String name;
    private final int tokenBytes;
    private final long tokensPerShard;
    private final MessageDigest digest = Hashes.sha256();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer indexBuffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private final FileChannel index;
    private final List<Long> shardTokens = new ArrayList<>();
    private final CRC32C shardChecksum = new CRC32C();
    private final CRC32C indexChecksum = new CRC32C();
    private final List<String> checksums = new ArrayList<>();
    private @Nullable FileChannel shard;
    private long tokensInShard;
    private long tokens;
    private long documents;
    private long textBytes;
    private long textCharacters;

    SplitWriter(Path folder, String name, int tokenBytes, long maxShardBytes) throws IOException {
        this.folder = folder;
        this.name = name;
        this.tokenBytes = tokenBytes;
        this.tokensPerShard = Math.max(1, maxShardBytes / tokenBytes);
        this.index = create(CorpusMeta.indexName(name));
    }

    void append(EncodedDocument document, int endOfDocument) throws IOException {
        for (int id : document.ids()) {
            put(id);
        }
        put(endOfDocument);
        documents++;
        textBytes += document.textBytes();
        textCharacters += document.textCharacters();
        if (!indexBuffer.hasRemaining()) {
            drainIndex();
        }
        indexBuffer.putLong(tokens);
    }

    int tokenBytes() {
        return tokenBytes;
    }

    long tokens() {
        return tokens;
    }

    long documents() {
        return documents;
    }

    long textBytes() {
        return textBytes;
    }

    /** Writes what is buffered and describes the stream. */
    CorpusMeta.Split finish() throws IOException {
        closeShard();
        drainIndex();
        return new CorpusMeta.Split(
                tokens,
                documents,
                textBytes,
                textCharacters,
                HexFormat.of().formatHex(digest.digest()),
                List.copyOf(shardTokens));
    }

    /** CRC-32C of every finished shard, as eight hexadecimal digits. */
    List<String> shardChecksums() {
        return List.copyOf(checksums);
    }

    /** CRC-32C of the index, once {@link #finish()} has been called. */
    String indexChecksum() {
        return Hashes.text(indexChecksum);
    }

    private void put(int id) throws IOException {
        if (shard == null) {
            shard = create(CorpusMeta.shardName(name, shardTokens.size()));
        }
        if (buffer.remaining() < tokenBytes) {
            drainTokens();
        }
        if (tokenBytes == Short.BYTES) {
            buffer.putShort((short) id);
        } else {
            buffer.putInt(id);
        }
        tokens++;
        tokensInShard++;
        if (tokensInShard == tokensPerShard) {
            closeShard();
        }
    }

    private void closeShard() throws IOException {
        if (shard != null) {
            drainTokens();
            shard.close();
            shard = null;
            shardTokens.add(tokensInShard);
            tokensInShard = 0;
            checksums.add(Hashes.text(shardChecksum));
            shardChecksum.reset();
        }
    }

    private void drainTokens() throws IOException {
        if (shard == null) {
            throw new IllegalStateException("tokens without a shard");
        }
        digest.update(buffer.array(), 0, buffer.position());
        shardChecksum.update(buffer.array(), 0, buffer.position());
        drain(buffer, shard);
    }

    private void drainIndex() throws IOException {
        indexChecksum.update(indexBuffer.array(), 0, indexBuffer.position());
        drain(indexBuffer, index);
    }

    private static void drain(ByteBuffer full, FileChannel channel) throws IOException {
        full.flip();
        while (full.hasRemaining()) {
            channel.write(full);
        }
        full.clear();
    }

    private FileChannel create(String file) throws IOException {
        return FileChannel.open(folder.resolve(file), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Override
    public void close() throws IOException {
        try (index) {
            if (shard != null) {
                shard.close();
            }
        }
    }
}
