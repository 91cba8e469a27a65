package io.github.gptmoe.train.attention;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.gptmoe.train.report.ReportJson;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The timings that one user's runs have measured, in a JSON file. Nothing depends on the file: if it cannot be read or
 * written, that is said, and work goes on. It is replaced as a whole by a move, under a lock of the operating system, so a
 * reader never sees half of it and two writers do not lose each other's entries.
 *
 * @param file the file, which need not exist
 * @param told hears of a file that cannot be read or written
 */
public record AttentionTable(Path file, Consumer<String> told) {
    /** Where the file is; {@link #OFF} for no table. */
    public static final String VARIABLE = "MOE_ATTENTION_TABLE";

    /** Value of {@link #VARIABLE}: nothing is measured or kept for a run, attention follows the fixed rule. */
    public static final String OFF = "off";

    private static final int FORMAT = 1;
    private static final long LOCK_MILLIS = 5_000;

    private record Entry(AttentionCase measured, List<AttentionTiming> timings, Map<String, String> untimed) {
        Entry {
            untimed = Objects.requireNonNullElse(untimed, Map.of()); // tables of earlier versions have none
        }

        AttentionTimings known() {
            return new AttentionTimings(timings, untimed);
        }

        boolean isSound() {
            return measured != null && known().isSound();
        }
    }

    private record Content(int format, List<Entry> entries) {}

    /**
     * The table of the user.
     *
     * @param environment environment variables: {@link #VARIABLE} names the file, else it is {@code
     *     gpt-moe/attention.json} in {@code XDG_CACHE_HOME}, which is {@code .cache} in the home folder by default
     * @param home the home folder
     * @param told hears of a file that cannot be read or written
     * @return empty if the variable is {@link #OFF}
     */
    public static Optional<AttentionTable> ofUser(Map<String, String> environment, Path home, Consumer<String> told) {
        String named = environment.getOrDefault(VARIABLE, "");
        if (named.equals(OFF)) {
            return Optional.empty();
        }
        if (!named.isEmpty()) {
            return Optional.of(new AttentionTable(Path.of(named), told));
        }
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        // By the XDG specification a relative path is to be ignored.
        Path folder = !cache.isEmpty() && Path.of(cache).isAbsolute() ? Path.of(cache) : home.resolve(".cache");
        return Optional.of(new AttentionTable(folder.resolve("gpt-moe/attention.json"), told));
    }

    /**
     * Looks a case up.
     *
     * @param of the case
     * @return what is known of it; nothing if it was never measured, or if the file cannot be read
     */
    public AttentionTimings known(AttentionCase of) {
        return read(told).stream()
                .filter(entry -> entry.measured().equals(of))
                .findFirst()
                .map(Entry::known)
                .orElse(AttentionTimings.NONE);
    }

    /**
     * Keeps what was found out about a case; forms that stand in the table and not here stay.
     *
     * @param of the case
     * @param fresh new timings and reasons
     * @return whether they are on the disk
     */
    public boolean keep(AttentionCase of, AttentionTimings fresh) {
        Path absolute = file.toAbsolutePath();
        Path folder = Objects.requireNonNullElse(absolute.getParent(), absolute);
        try {
            requireFileName();
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(
                            folder.resolve(file.getFileName() + ".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
                    FileLock lock = lock(channel)) {
                assert lock.isValid();
                write(folder, merged(of, fresh));
            }
            return true;
        } catch (IOException failed) {
            told.accept("warning: timings of attention cannot be kept in " + file + " (" + reason(failed)
                    + "); they will be measured again. " + VARIABLE + " names another file");
            return false;
        }
    }

    /** Before a lock is made: a path such as {@code /} has no name to make one from. */
    private void requireFileName() throws IOException {
        if (file.getFileName() == null || Files.isDirectory(file)) {
            throw new IOException("it is a folder; a file is needed");
        }
    }

    private List<Entry> merged(AttentionCase of, AttentionTimings fresh) {
        List<Entry> entries = new ArrayList<>();
        AttentionTimings all = fresh;
        // What is wrong with the file was said when it was looked up.
        for (Entry entry : read(text -> {})) {
            if (entry.measured().equals(of)) {
                all = all.with(entry.known());
            } else {
                entries.add(entry);
            }
        }
        entries.add(new Entry(of, all.timings(), all.untimed()));
        return entries;
    }

    private void write(Path folder, List<Entry> entries) throws IOException {
        Path fresh = Files.createTempFile(folder, file.getFileName().toString(), ".tmp");
        try {
            ReportJson.mapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(fresh.toFile(), new Content(FORMAT, entries));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Waits for other processes and threads, each of which needs milliseconds. */
    private FileLock lock(FileChannel channel) throws IOException {
        long start = System.nanoTime();
        while (true) {
            FileLock lock = tryLock(channel);
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(LOCK_MILLIS)) {
                throw new IOException("another process holds its lock");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(2);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for its lock", interrupted);
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByAnotherThread) {
            return null;
        }
    }

    /** Sound entries only: one that is not is as good as absent. */
    private List<Entry> read(Consumer<String> warned) {
        try {
            Content content = ReportJson.mapper().readValue(Files.readAllBytes(file), Content.class);
            if (content == null || content.format() != FORMAT || content.entries() == null) {
                warned.accept(
                        "warning: " + file + " has no timings of attention that this version reads; it is replaced");
                return List.of();
            }
            return content.entries().stream()
                    .filter(entry -> entry != null && entry.isSound())
                    .toList();
        } catch (NoSuchFileException absent) {
            return List.of();
        } catch (IOException unreadable) {
            warned.accept("warning: timings of attention cannot be read from " + file + " (" + reason(unreadable)
                    + "); they are measured again");
            return List.of();
        }
    }

    /** A file system's exception often says no more than the path, so its kind is added. */
    private static String reason(IOException failure) {
        if (failure instanceof JsonProcessingException damaged) {
            return damaged.getOriginalMessage().lines().findFirst().orElse("damaged");
        }
        return failure instanceof FileSystemException
                ? failure.getClass().getSimpleName() + ": " + failure.getMessage()
                : String.valueOf(failure.getMessage());
    }
}
