package io.github.gptmoe.data.corpus;

import io.github.gptmoe.data.Hashes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** A file that is written under another name and gets its own once it is whole and on disk. Not for several threads. */
public final class OutputFile implements AutoCloseable {
    private static final String PART = ".part";

    private final Path target;
    private final Path part;
    private final TextCodec codec;
    private final FileChannel channel;
    private final OutputStream out;
    private final MessageDigest digest = Hashes.sha256();
    private long textBytes;
    private long fileBytes;

    /**
     * What was written.
     *
     * @param fileBytes bytes of the file
     * @param textBytes bytes before compression
     * @param sha256 of the bytes before compression, so that it does not depend on the version of a compressor
     */
    public record Content(long fileBytes, long textBytes, String sha256) implements Serializable {}

    private OutputFile(Path target, Path part, FileChannel channel) {
        this.target = target;
        this.part = part;
        this.codec = TextCodec.of(target);
        this.channel = channel;
        this.out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    }

    /**
     * Begins a file; one that a killed process had begun is replaced.
     *
     * @param target its name; the folder is made if it is missing
     * @return the file, to be closed by the caller; it appears with {@link #finish()}
     * @throws IOException if that is not possible
     */
    public static OutputFile create(Path target) throws IOException {
        Path folder = target.toAbsolutePath().resolveSibling(".").normalize();
        Files.createDirectories(folder);
        Path part = folder.resolve("." + target.getFileName() + PART);
        FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        return new OutputFile(target, part, channel);
    }

    /**
     * Appends a piece.
     *
     * @param text its bytes
     * @param packed the same as the codec of the file makes it
     * @throws IOException if the disk does not take it
     */
    public void append(byte[] text, byte[] packed) throws IOException {
        if (text.length == 0) {
            return;
        }
        digest.update(text);
        textBytes += text.length;
        write(packed);
    }

    /**
     * Appends a piece.
     *
     * @param text its bytes
     * @throws IOException if the disk does not take it
     */
    public void append(byte[] text) throws IOException {
        append(text, codec.pack(text));
    }

    private void write(byte[] packed) throws IOException {
        fileBytes += packed.length;
        out.write(packed);
    }

    /**
     * Puts the file in its place.
     *
     * @return what is in it
     * @throws IOException if the disk does not take it
     */
    public Content finish() throws IOException {
        if (fileBytes == 0) {
            write(codec.pack(new byte[0])); // A compressed file without any member is damaged to its readers.
        }
        out.flush();
        channel.force(true);
        channel.close();
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return new Content(fileBytes, textBytes, HexFormat.of().formatHex(digest.digest()));
    }

    /** Removes what was not finished. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(part);
    }

    /**
     * Writes a small file whole.
     *
     * @param target its name
     * @param content its bytes, not compressed whatever the name
     * @throws IOException if that is not possible
     */
    public static void replace(Path target, byte[] content) throws IOException {
        try (OutputFile file = create(target)) {
            file.append(content, content);
            file.finish();
        }
    }
}
