package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An open safetensors file whose header keeps every rule of the format.
 *
 * <p>Opening reads the header only. {@link #read} then copies any bytes of a tensor to where they are wanted; {@link #map}
 * shows them without a copy, and a mapping stays valid after {@link #close}, until it is garbage. A file that is changed while it is open is outside the guarantees.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Largest mapped slice: 1 GiB, a whole number of elements of every type. */
    static final long MAX_SLICE_BYTES = 1L << 30;

    private final Path file;
    private final FileChannel channel;
    private final Header header;
    private final Map<String, TensorEntry> byName;

    private SafetensorsFile(Path file, FileChannel channel, Header header) {
        this.file = file;
        this.channel = channel;
        this.header = header;
        this.byName = header.entries().stream().collect(Collectors.toMap(TensorEntry::name, Function.identity()));
    }

    /**
     * Opens a file and checks its header against every rule of the format.
     *
     * @param file a regular file
     * @return the open file; the caller closes it
     * @throws SafetensorsException if the file breaks a rule
     * @throws IOException if the file cannot be read
     */
    public static SafetensorsFile open(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new SafetensorsException(file, null, "not a regular file");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new SafetensorsFile(file, channel, new HeaderReader(file, channel).read());
        } catch (IOException | RuntimeException error) {
            channel.close();
            throw error;
        }
    }

    /**
     * Returns the path that was opened.
     *
     * @return the path as it was given
     */
    public Path path() {
        return file;
    }

    /**
     * Returns the free text pairs of the header.
     *
     * @return an unmodifiable map in file order; empty where the file has none
     */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * Returns all tensors.
     *
     * @return an unmodifiable list in the order of the bytes in the file
     */
    public List<TensorEntry> entries() {
        return header.entries();
    }

    /**
     * Looks a tensor up.
     *
     * @param name name of the tensor
     * @return its entry, or nothing where the file has no such tensor
     */
    public Optional<TensorEntry> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * Looks up a tensor that must be there.
     *
     * @param name name of the tensor
     * @return its entry
     * @throws SafetensorsException if the file has no such tensor
     */
    public TensorEntry entry(String name) throws SafetensorsException {
        return find(name).orElseThrow(() -> new SafetensorsException(file, name, "is not in the file"));
    }

    /**
     * Maps the bytes of a tensor into memory.
     *
     * @param entry an entry of this file
     * @return read-only little-endian buffers, each at most 1 GiB, which together and in order are the tensor's bytes;
     *     none for a tensor without elements
     * @throws SafetensorsException if the file has shrunk since it was opened
     * @throws IOException if the file cannot be mapped
     */
    public List<ByteBuffer> map(TensorEntry entry) throws IOException {
        requireOwn(entry);
        // Touching a mapped page behind the end of the file would kill the process, not throw.
        if (channel.size() < header.dataStart() + entry.end()) {
            throw new SafetensorsException(file, entry.name(), "the file has shrunk since it was opened");
        }
        List<ByteBuffer> slices = new ArrayList<>();
        for (long begin = entry.begin(); begin < entry.end(); begin += MAX_SLICE_BYTES) {
            long bytes = Math.min(MAX_SLICE_BYTES, entry.end() - begin);
            slices.add(channel.map(FileChannel.MapMode.READ_ONLY, header.dataStart() + begin, bytes)
                    .order(ByteOrder.LITTLE_ENDIAN));
        }
        return slices;
    }

    /**
     * Reads bytes of a tensor into memory, without mapping the file: pages of a mapping count as this process's own
     * memory for as long as it lasts, those that a read passes through do not. Any number of threads may read.
     *
     * @param entry an entry of this file
     * @param from first byte, counted from the tensor's own first byte
     * @param into filled from its position to its limit; a direct buffer is filled in place
     * @throws IllegalArgumentException if the tensor has fewer bytes
     * @throws SafetensorsException if the file has shrunk since it was opened
     * @throws IOException if the file cannot be read
     */
    public void read(TensorEntry entry, long from, ByteBuffer into) throws IOException {
        requireOwn(entry);
        if (from < 0 || from > entry.byteCount() - into.remaining()) {
            throw new IllegalArgumentException(into.remaining() + " bytes from " + from + " on are not within the "
                    + entry.byteCount() + " of " + entry.name());
        }
        long start = header.dataStart() + entry.begin() + from - into.position();
        while (into.hasRemaining()) {
            if (channel.read(into, start + into.position()) < 0) {
                throw new SafetensorsException(file, entry.name(), "the file has shrunk since it was opened");
            }
        }
    }

    /**
     * Where a tensor begins.
     *
     * @param entry an entry of this file
     * @return position of its first byte, counted from the start of the file
     */
    public long position(TensorEntry entry) {
        requireOwn(entry);
        return header.dataStart() + entry.begin();
    }

    private void requireOwn(TensorEntry entry) {
        if (!entry.equals(byName.get(entry.name()))) {
            throw new IllegalArgumentException("not an entry of " + file + ": " + entry);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
