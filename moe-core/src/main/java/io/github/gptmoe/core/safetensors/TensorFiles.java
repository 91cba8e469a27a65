package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a checkpoint by name, wherever they lie: in one {@code NAME.safetensors}, or in several files with a
 * {@link ShardIndex}. All headers are read and compared with the index on opening; no tensor is.
 */
public final class TensorFiles implements AutoCloseable {
    private final Path path;
    private final @Nullable ShardIndex index;
    private final List<SafetensorsFile> files;
    private final Map<String, TensorLocation> byName;

    private TensorFiles(Path path, @Nullable ShardIndex index, List<SafetensorsFile> files) {
        this.path = path;
        this.index = index;
        this.files = List.copyOf(files);
        Map<String, TensorLocation> locations = new LinkedHashMap<>();
        for (SafetensorsFile file : files) {
            file.entries().forEach(entry -> locations.put(entry.name(), new TensorLocation(file, entry)));
        }
        byName = Collections.unmodifiableMap(locations);
    }

    /**
     * Tensors of one file.
     *
     * @param file an open file; closed with the result
     * @return its tensors
     */
    public static TensorFiles of(SafetensorsFile file) {
        return new TensorFiles(file.path(), null, List.of(file));
    }

    /**
     * Opens a set of tensors.
     *
     * @param folder where it lies
     * @param name what the one file is or would be called, for example {@code weights.safetensors}
     * @return the open files; the caller closes them
     * @throws NoSuchFileException if the folder has neither the file nor an index, or lacks a file that the index names
     * @throws SafetensorsException if a file or the index breaks a rule, if they do not agree, or if the folder has both the
     *     one file and an index
     * @throws IOException if a file cannot be read
     */
    public static TensorFiles open(Path folder, String name) throws IOException {
        Path single = folder.resolve(name);
        Path indexFile = folder.resolve(ShardIndex.indexName(name));
        boolean indexed = Files.exists(indexFile);
        if (!Files.exists(single)) {
            if (!indexed) {
                throw new NoSuchFileException(
                        single.toString(), null, "there is no " + indexFile.getFileName() + " either");
            }
            return openIndex(indexFile);
        }
        if (indexed) {
            throw new SafetensorsException(
                    indexFile, null, "lies beside " + single.getFileName() + "; remove the one that is not wanted");
        }
        return of(SafetensorsFile.open(single));
    }

    /**
     * Opens the files that an index names.
     *
     * @param indexFile the index
     * @return the open files; the caller closes them
     * @throws NoSuchFileException if the index or a file that it names is missing
     * @throws SafetensorsException if a file or the index breaks a rule, or if they do not agree
     * @throws IOException if a file cannot be read
     */
    public static TensorFiles openIndex(Path indexFile) throws IOException {
        ShardIndex index = ShardIndex.read(indexFile);
        List<SafetensorsFile> open = new ArrayList<>();
        try {
            for (String name : new LinkedHashSet<>(index.fileByTensor().values())) {
                Path shard = indexFile.resolveSibling(name);
                if (!Files.exists(shard)) {
                    throw new NoSuchFileException(shard.toString(), null, "it is named by " + indexFile.getFileName());
                }
                open.add(SafetensorsFile.open(shard));
            }
            TensorFiles files = new TensorFiles(indexFile, index, open);
            files.requireAgreement(index);
            return files;
        } catch (IOException | RuntimeException error) {
            closeAll(open, error);
            throw error;
        }
    }

    private void requireAgreement(ShardIndex expected) throws SafetensorsException {
        long total = 0;
        int count = 0;
        for (SafetensorsFile file : files) {
            String fileName = String.valueOf(file.path().getFileName());
            for (TensorEntry entry : file.entries()) {
                if (!fileName.equals(expected.fileByTensor().get(entry.name()))) {
                    throw new SafetensorsException(
                            path, entry.name(), "is in " + fileName + ", where the index does not have it");
                }
                total += entry.byteCount();
                count++;
            }
        }
        if (count != expected.fileByTensor().size()) {
            for (Map.Entry<String, String> pair : expected.fileByTensor().entrySet()) {
                if (!byName.containsKey(pair.getKey())) {
                    throw new SafetensorsException(path, pair.getKey(), "is not in " + pair.getValue());
                }
            }
        }
        if (total != expected.totalBytes()) {
            throw new SafetensorsException(
                    path,
                    null,
                    "the tensors have " + total + " bytes together, the index says " + expected.totalBytes());
        }
    }

    /**
     * What was opened.
     *
     * @return the one file, or the index
     */
    public Path path() {
        return path;
    }

    /**
     * The files.
     *
     * @return unmodifiable, in the order of the index
     */
    public List<SafetensorsFile> files() {
        return files;
    }

    /**
     * The index.
     *
     * @return nothing where all tensors are in one file
     */
    public Optional<ShardIndex> index() {
        return Optional.ofNullable(index);
    }

    /**
     * All tensors.
     *
     * @return unmodifiable, in the order of files and of the bytes in each
     */
    public List<TensorLocation> tensors() {
        return List.copyOf(byName.values());
    }

    /**
     * Looks a tensor up.
     *
     * @param name name of the tensor
     * @return where it is, or nothing where no file has it
     */
    public Optional<TensorLocation> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * Looks up a tensor that must be there.
     *
     * @param name name of the tensor
     * @return where it is
     * @throws TensorMismatchException if no file has it
     */
    public TensorLocation locate(String name) throws TensorMismatchException {
        return find(name)
                .orElseThrow(() -> new TensorMismatchException(
                        path, name, index == null ? "is not in the file" : "is in none of the files"));
    }

    @Override
    public void close() throws IOException {
        IOException failure = new IOException(path + " cannot be closed");
        closeAll(files, failure);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    private static void closeAll(List<SafetensorsFile> open, Exception failure) {
        for (SafetensorsFile file : open) {
            try {
                file.close();
            } catch (IOException second) {
                failure.addSuppressed(second);
            }
        }
    }
}
