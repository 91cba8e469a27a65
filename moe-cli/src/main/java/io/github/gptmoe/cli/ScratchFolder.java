package io.github.gptmoe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A new folder that goes with everything in it: on closing, and at the end of this process should that come first. */
final class ScratchFolder implements AutoCloseable {
    private static final int ATTEMPTS = 50;
    private static final long PAUSE_MILLIS = 100;

    private final Path path;
    private final boolean kept;
    private final Thread atEnd = new Thread(this::deletePatiently, "delete-scratch");

    private ScratchFolder(Path path, boolean kept) {
        this.path = path;
        this.kept = kept;
    }

    /** Makes a folder in {@code parent}; {@code kept} ones stay. */
    static ScratchFolder make(Path parent, String prefix, boolean kept) throws IOException {
        ScratchFolder folder = new ScratchFolder(Files.createTempDirectory(parent, prefix), kept);
        if (!kept) {
            Runtime.getRuntime().addShutdownHook(folder.atEnd);
        }
        return folder;
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (!kept) {
            delete();
            Runtime.getRuntime().removeShutdownHook(atEnd);
        }
    }

    /** A child that is being ended may still make a file. */
    private void deletePatiently() {
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(path); attempt++) {
            try {
                delete();
            } catch (IOException again) {
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private void delete() throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }
}
