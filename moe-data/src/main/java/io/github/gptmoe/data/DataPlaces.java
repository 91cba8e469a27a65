package io.github.gptmoe.data;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/** Finds relative data paths in a second folder where the working folder has nothing of that name. */
public final class DataPlaces {
    private final Path home;
    private final Consumer<String> told;

    private DataPlaces(Path home, Consumer<String> told) {
        this.home = home;
        this.told = told;
    }

    /**
     * Replaces the paths that exist in the second folder only. The working folder comes first, so what is there is never
     * hidden.
     *
     * @param config paths as they were written
     * @param home the second folder
     * @param told hears which path was taken from there
     * @return paths that exist
     * @throws InputException if a path leads nowhere from either folder
     */
    public static DataConfig find(DataConfig config, Path home, Consumer<String> told) {
        DataPlaces places = new DataPlaces(home, told);
        return new DataConfig(
                places.text("train", config.train()),
                places.text("validation", config.validation()),
                config.validationFraction(),
                places.place("tokenizer", config.tokenizer(), (key, path) -> isFile(path)),
                config.cache(),
                config.badRows(),
                config.loaderThreads(),
                config.prefetch(),
                config.tokenize(),
                config.format(),
                config.weights());
    }

    private List<String> text(String key, List<String> entries) {
        return entries.stream()
                .map(entry -> place(key, entry, DataPlaces::hasText))
                .toList();
    }

    private String place(String key, String entry, BiPredicate<String, String> exists) {
        if (entry.isBlank() || new File(entry).isAbsolute() || exists.test(key, entry)) {
            return entry;
        }
        String there = home.toString().replace(File.separatorChar, '/') + "/" + entry;
        if (!exists.test(key, there)) {
            throw InputException.environment("data." + key + ": " + entry + " leads to nothing in the working folder "
                    + Path.of("").toAbsolutePath() + " or in the project folder " + home
                    + "; put the files there, or name others with --set data." + key + "=PATH");
        }
        told.accept("data." + key + ": " + entry + " is not in the working folder, using " + there);
        return there;
    }

    private static boolean isFile(String path) {
        try {
            return Files.isRegularFile(Path.of(path));
        } catch (InvalidPathException malformed) {
            return false;
        }
    }

    private static boolean hasText(String key, String entry) {
        if (TokenPack.isPack(entry)) {
            return true;
        }
        try {
            CorpusFiles.resolve(key, List.of(entry));
            return true;
        } catch (InputException nothing) {
            // A malformed path is malformed everywhere; packing explains it.
            return nothing.kind() == InputException.Kind.CONFIGURATION;
        }
    }
}
