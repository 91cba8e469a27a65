package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files.
 *
 * <p>Tensors of wider elements come first and otherwise keep their order, so every tensor is aligned to its element
 * size. The same tensors and metadata give the same bytes.
 */
public final class SafetensorsWriter {
    /** Size of the pieces in which a file is written and shown to the observer: 1 MiB. */
    public static final int CHUNK_BYTES = 1 << 20;

    private SafetensorsWriter() {}

    /**
     * Writes a new file and syncs it to the disk. The folder is not synced; a caller that renames does that.
     *
     * @param file file to create; it must not exist
     * @param metadata free text pairs for the header
     * @param tensors what to store
     * @return bytes of the file
     * @throws SafetensorsException if the tensors cannot be stored in one file, or one writes too few or too many bytes
     * @throws IOException if the file exists or cannot be written; then no new file is left
     */
    public static long write(Path file, Map<String, String> metadata, List<? extends TensorSource> tensors)
            throws IOException {
        return write(file, metadata, tensors, bytes -> {});
    }

    /**
     * Writes a new file, syncs it to the disk, and shows its bytes to an observer, for example to compute a digest.
     *
     * @param file file to create; it must not exist
     * @param metadata free text pairs for the header
     * @param tensors what to store
     * @param observer sees every byte of the file in order, after it was written, in chunks of {@link #CHUNK_BYTES} (the
     *     last may be shorter); it must not change them
     * @return bytes of the file
     * @throws SafetensorsException if the tensors cannot be stored in one file, or one writes too few or too many bytes
     * @throws IOException if the file exists or cannot be written; then no new file is left
     */
    public static long write(
            Path file, Map<String, String> metadata, List<? extends TensorSource> tensors, ByteSink observer)
            throws IOException {
        HeaderWriter header = new HeaderWriter(file, metadata, tensors);
        ByteBuffer encoded = header.encode();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            try {
                ChunkedOutput output = new ChunkedOutput(channel, observer);
                output.write(encoded);
                writeTensors(file, header, output);
                output.flush();
                channel.force(true);
                return channel.size();
            } catch (IOException | RuntimeException error) {
                Files.deleteIfExists(file);
                throw error;
            }
        }
    }

    /**
     * Computes the size that a file would have, without writing it.
     *
     * @param metadata free text pairs for the header
     * @param tensors what would be stored
     * @return exact bytes of the file
     * @throws IOException if the tensors cannot be stored in one file
     */
    public static long byteCount(Map<String, String> metadata, List<? extends TensorSource> tensors)
            throws IOException {
        HeaderWriter header = new HeaderWriter(Path.of("(not written)"), metadata, tensors);
        return header.encode().remaining() + header.dataBytes();
    }

    private static void writeTensors(Path file, HeaderWriter header, ChunkedOutput output) throws IOException {
        for (int i = 0; i < header.sources().size(); i++) {
            TensorEntry entry = header.entries().get(i);
            long before = output.accepted();
            header.sources().get(i).writeTo(bytes -> {
                if (output.accepted() - before + bytes.remaining() > entry.byteCount()) {
                    throw new SafetensorsException(
                            file, entry.name(), "writes more than the " + entry.byteCount() + " bytes of its shape");
                }
                output.write(bytes);
            });
            long written = output.accepted() - before;
            if (written != entry.byteCount()) {
                throw new SafetensorsException(
                        file,
                        entry.name(),
                        "writes " + written + " bytes, not the " + entry.byteCount() + " of its shape");
            }
        }
    }
}
