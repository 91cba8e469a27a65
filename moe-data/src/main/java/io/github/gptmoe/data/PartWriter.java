package io.github.gptmoe.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes a {@link TokenPart}. One thread. */
final class PartWriter implements AutoCloseable {
    private final Path bad;
    private final int tokenBytes;
    private final Publisher publisher;
    private final LittleEndianFile tokens;
    private final LittleEndianFile documents;
    private @Nullable QuarantineFile quarantine;
    private long documentCount;
    private long textBytes;

    /** Makes the part visible. */
    interface Publisher {
        TokenPart publish(TokenPart.Meta meta) throws IOException;
    }

    PartWriter(Path tokens, Path documents, Path bad, int tokenBytes, Publisher publisher) throws IOException {
        this.bad = bad;
        this.tokenBytes = tokenBytes;
        this.publisher = publisher;
        this.tokens = new LittleEndianFile(tokens);
        try {
            this.documents = new LittleEndianFile(documents);
        } catch (IOException | RuntimeException failed) {
            this.tokens.close();
            throw failed;
        }
    }

    void append(EncodedDocument document, int endOfDocument) throws IOException {
        for (int id : document.ids()) {
            put(id);
        }
        put(endOfDocument);
        documents.putLong(tokens());
        documents.putLong(document.hash());
        documents.putLong(document.textBytes());
        documents.putLong(document.textCharacters());
        documentCount++;
        textBytes += document.textBytes();
    }

    private void put(int id) throws IOException {
        if (tokenBytes == Short.BYTES) {
            tokens.putShort(id);
        } else {
            tokens.putInt(id);
        }
    }

    /** Keeps a bad row. */
    void bad(BadRow row) {
        try {
            if (quarantine == null) {
                quarantine = new QuarantineFile(bad);
            }
            quarantine.add(row);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    long documents() {
        return documentCount;
    }

    long textBytes() {
        return textBytes;
    }

    long tokens() {
        return tokens.bytes() / tokenBytes;
    }

    /** Where {@link #bad(BadRow)} writes; null if it was not called. */
    @Nullable
    Path badFile() {
        return quarantine == null ? null : bad;
    }

    TokenPart finish(RowCounts.Totals rows, DocumentReader.Position next, boolean last) throws IOException {
        tokens.force();
        documents.force();
        String badChecksum = null;
        if (quarantine != null) {
            quarantine.close();
            quarantine = null;
            PackFolder.force(bad);
            badChecksum = Checksums.crc32c(bad);
        }
        return publisher.publish(new TokenPart.Meta(
                documentCount,
                textBytes,
                tokens(),
                rows,
                next.byteOffset(),
                next.linesBefore(),
                last,
                tokens.checksum(),
                documents.checksum(),
                badChecksum));
    }

    @Override
    public void close() throws IOException {
        try (tokens;
                documents) {
            if (quarantine != null) {
                quarantine.close();
            }
        }
    }
}
