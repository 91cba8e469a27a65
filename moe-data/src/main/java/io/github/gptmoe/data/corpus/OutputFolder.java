package io.github.gptmoe.data.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The folder that a pass writes to: outputs under the names of their inputs, and in {@code .state} what is known of those that
 * are done, so that the same call goes on after a kill. One process at a time holds it.
 */
public final class OutputFolder implements AutoCloseable {
    private static final String STATE = ".state";
    private static final String LOCK = ".lock";

    private final Path root;
    private final FileChannel lock;
    private final ObjectMapper json =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private OutputFolder(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Makes the folder or takes one that is there.
     *
     * @param root where
     * @return the folder, to be closed by the caller
     * @throws InputException if it cannot be written, or another process is writing to it
     */
    public static OutputFolder open(Path root) {
        FileChannel channel = null;
        try {
            Files.createDirectories(root.resolve(STATE));
            channel = FileChannel.open(
                    root.resolve(STATE).resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        root + ": another process is writing to this folder; wait for it, or name another with --out");
            }
            return new OutputFolder(root, channel);
        } catch (IOException failed) {
            throw unwritable(root, failed);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldHere) {
            return null;
        }
    }

    /**
     * Names what failed and what to do.
     *
     * @param root the folder
     * @param failed what was seen
     * @return the failure for the user
     */
    public static InputException unwritable(Path root, IOException failed) {
        String reason = failed instanceof FileSystemException
                ? failed.getClass().getSimpleName() + " " + failed.getMessage()
                : String.valueOf(failed.getMessage());
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                root + ": writing failed (" + reason
                        + "); free space, correct the permissions or name another folder with --out. The same call goes on"
                        + " with the files that are missing",
                failed);
    }

    /**
     * Refuses inputs that lie in this folder, also by way of symbolic links, because outputs would replace them.
     *
     * @param input a file to be read
     * @throws InputException if it does
     */
    public void requireOutside(InputFile input) {
        if (isWithin(input.path(), root)) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    input.path() + ": lies in the output folder " + root + "; name another with --out");
        }
    }

    /**
     * Tells whether something lies in a folder or is the folder, symbolic links resolved as far as they exist.
     *
     * @param inner file or folder, need not exist
     * @param outer exists
     * @return whether it is found below {@code outer}
     * @throws InputException if a path cannot be resolved
     */
    public static boolean isWithin(Path inner, Path outer) {
        Path absolute = inner.toAbsolutePath().normalize();
        Path there = absolute;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            return there.toRealPath().resolve(there.relativize(absolute)).startsWith(outer.toRealPath());
        } catch (IOException failed) {
            throw unwritable(inner, failed);
        }
    }

    /**
     * A file of this folder.
     *
     * @param name its path below it
     * @return the path
     */
    public Path file(String name) {
        return root.resolve(name);
    }

    /**
     * A file of the state.
     *
     * @param name its path
     * @return the path below {@code .state}
     */
    public Path state(String name) {
        return root.resolve(STATE).resolve(name);
    }

    /**
     * Reads what was remembered.
     *
     * @param <T> a record
     * @param name of the file below {@code .state}
     * @param type the record
     * @return the record; empty if the file is missing or of another kind
     */
    public <T> Optional<T> recall(String name, Class<T> type) {
        try {
            Path file = state(name);
            return Files.exists(file) ? Optional.of(json.readValue(Files.readAllBytes(file), type)) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty(); // Written by another version, or damaged: the work is done again.
        }
    }

    /**
     * Remembers what is done.
     *
     * @param name of the file below {@code .state}
     * @param record what to remember
     * @throws IOException if the disk does not take it
     */
    public void remember(String name, Object record) throws IOException {
        OutputFile.replace(state(name), bytes(record));
    }

    /**
     * Writes a JSON document of the folder.
     *
     * @param name of the file
     * @param document a record or map
     * @throws IOException if the disk does not take it
     */
    public void write(String name, Object document) throws IOException {
        OutputFile.replace(file(name), bytes(document));
    }

    private byte[] bytes(Object document) {
        try {
            return json.writeValueAsBytes(document);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("records of numbers and texts are always JSON", impossible);
        }
    }

    /**
     * Tells whether an output is there with the size it should have.
     *
     * @param name of the file
     * @param content what was written to it
     * @return whether it can be taken as it is
     */
    public boolean has(String name, OutputFile.Content content) {
        return has(file(name), content);
    }

    /**
     * Tells whether a file is there with the size it should have.
     *
     * @param file any
     * @param content what was written to it
     * @return whether it can be taken as it is
     */
    public boolean has(Path file, OutputFile.Content content) {
        try {
            return Files.isRegularFile(file) && Files.size(file) == content.fileBytes();
        } catch (IOException unreadable) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException failed) {
            throw unwritable(root, failed);
        }
    }
}
