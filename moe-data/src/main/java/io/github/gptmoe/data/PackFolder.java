package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A temporary folder that becomes a cache entry in one step. Its lock file tells a packing that is under way from the
 * remains of a process that was killed; remains are removed by the next packing.
 */
final class PackFolder implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(PackFolder.class);
    private static final String PREFIX = ".packing-";
    private static final String TRASH = ".trash-";
    private static final String LOCK_SUFFIX = ".lock";

    private final Path cache;
    private final Path folder;
    private final Path lockFile;
    private final FileChannel lockChannel;

    private PackFolder(Path cache, Path folder, Path lockFile, FileChannel lockChannel) {
        this.cache = cache;
        this.folder = folder;
        this.lockFile = lockFile;
        this.lockChannel = lockChannel;
    }

    static PackFolder create(Path cache) throws IOException {
        Files.createDirectories(cache);
        sweep(cache);
        String name = PREFIX + UUID.randomUUID();
        Path lockFile = cache.resolve(name + LOCK_SUFFIX);
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            // Held until the channel is closed, by this class or by the end of the process.
            channel.lock();
            Path folder = Files.createDirectory(cache.resolve(name));
            return new PackFolder(cache, folder, lockFile, channel);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    Path path() {
        return folder;
    }

    /** Makes the finished content visible as {@code target}, which must not exist; all files are on disk before. */
    void publish(Path target) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                force(file);
            }
        }
        force(folder);
        Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
        force(cache);
    }

    /** Takes an unusable cache entry out of the way. */
    static void discard(Path entry) throws IOException {
        Path trash = entry.resolveSibling(TRASH + UUID.randomUUID());
        Files.move(entry, trash, StandardCopyOption.ATOMIC_MOVE);
        deleteTree(trash);
    }

    /** Returns once a file or folder is on the disk. */
    static void force(Path path) throws IOException {
        boolean isFolder = Files.isDirectory(path);
        // Windows cannot open folders, and makes renames durable by itself.
        if (isFolder && path.getFileSystem().getSeparator().equals("\\")) {
            return;
        }
        StandardOpenOption mode = isFolder ? StandardOpenOption.READ : StandardOpenOption.WRITE;
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private static void sweep(Path cache) throws IOException {
        List<Path> entries;
        try (Stream<Path> stream = Files.list(cache)) {
            entries = stream.toList();
        }
        for (Path entry : entries) {
            String name = String.valueOf(entry.getFileName());
            if (name.startsWith(TRASH)) {
                deleteTree(entry);
            } else if (name.startsWith(PREFIX) && name.endsWith(LOCK_SUFFIX)) {
                sweepIfAbandoned(entry, name);
            }
        }
    }

    private static void sweepIfAbandoned(Path lockFile, String name) throws IOException {
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
            FileLock lock = tryLock(channel);
            if (lock == null) {
                return;
            }
            Path folder = lockFile.resolveSibling(name.substring(0, name.length() - LOCK_SUFFIX.length()));
            LOGGER.info("Removing {}, left behind by a packing that was killed", folder);
            deleteTree(folder);
            Files.deleteIfExists(lockFile);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldHere) {
            return null;
        }
    }

    /** Removes a folder with all that is in it, if it exists. */
    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failed) throws IOException {
                if (failed != null) {
                    throw failed;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Removes the folder unless it was published, then the lock. */
    @Override
    public void close() throws IOException {
        try (lockChannel) {
            deleteTree(folder);
            Files.deleteIfExists(lockFile);
        }
    }
}
