package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The documents of a {@link TokenPart}, mapped into memory. */
final class PartTokens {
    private final int tokenBytes;
    private final int count;
    private final ByteBuffer tokens;
    private final ByteBuffer documents;

    PartTokens(TokenPart part, int tokenBytes) throws IOException {
        this.tokenBytes = tokenBytes;
        this.count = Math.toIntExact(part.meta().documents());
        this.tokens = map(part.tokens());
        this.documents = map(part.documents());
        if (tokens.capacity() != part.meta().tokens() * tokenBytes
                || documents.capacity() != count * TokenPart.DOCUMENT_BYTES) {
            throw new IOException(part.tokens() + " and " + part.documents() + " have not the sizes that were written");
        }
    }

    private static ByteBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            return size == 0
                    ? ByteBuffer.allocate(0)
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, size).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    int documents() {
        return count;
    }

    /** Tokens of a document, its end included. */
    int tokens(int document) {
        return end(document) - start(document);
    }

    boolean inValidation(int document, double fraction) {
        return EncodedDocument.inValidation(hash(document), fraction);
    }

    EncodedDocument document(int document) {
        int start = start(document);
        int[] ids = new int[tokens(document) - 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokenBytes == Short.BYTES
                    ? tokens.getShort((start + i) * Short.BYTES) & 0xFFFF
                    : tokens.getInt((start + i) * Integer.BYTES);
        }
        return new EncodedDocument(ids, hash(document), field(document, 2), field(document, 3));
    }

    private int start(int document) {
        return document == 0 ? 0 : end(document - 1);
    }

    private int end(int document) {
        return (int) field(document, 0);
    }

    private long hash(int document) {
        return field(document, 1);
    }

    private long field(int document, int number) {
        return documents.getLong(document * TokenPart.DOCUMENT_BYTES + number * Long.BYTES);
    }
}
