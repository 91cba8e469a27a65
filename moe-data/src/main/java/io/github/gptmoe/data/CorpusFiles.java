package io.github.gptmoe.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * The files behind the entries of a key such as {@code data.train}, or of an option: entries in the order given, the files of
 * one entry sorted by path, each file once.
 */
public final class CorpusFiles {
    private static final String GLOB_CHARACTERS = "*?[{";

    private final String key;
    private final Predicate<Path> others;
    private final Map<Path, Path> fileByRealPath = new LinkedHashMap<>();

    private CorpusFiles(String key, Predicate<Path> others) {
        this.key = key;
        this.others = others;
    }

    /** Those of a key of the section {@code data}. */
    static List<Path> resolve(String key, List<String> entries) {
        return ofOption("data." + key, entries);
    }

    /**
     * Finds the files of a key or option.
     *
     * @param option its name, for messages
     * @param entries files, folders and globs
     * @return files named {@code .txt} or {@code .jsonl}, plain or with a further {@code .gz} or {@code .zst}
     * @throws InputException if an entry names no such file
     */
    public static List<Path> ofOption(String option, List<String> entries) {
        return ofOption(option, entries, file -> false);
    }

    /**
     * Finds the files of an option that takes files of other kinds too.
     *
     * @param option its name, for messages
     * @param entries files, folders and globs
     * @param others tells by its name whether a file that is no text is one of them
     * @return files named {@code .txt} or {@code .jsonl}, plain or with a further {@code .gz} or {@code .zst}, and others
     * @throws InputException if an entry names no such file
     */
    public static List<Path> ofOption(String option, List<String> entries, Predicate<Path> others) {
        CorpusFiles files = new CorpusFiles(option, others);
        entries.forEach(files::add);
        return List.copyOf(files.fileByRealPath.values());
    }

    /** Refuses files that serve both as training and as validation text. */
    static void requireDisjoint(List<Path> train, List<Path> validation) {
        List<Path> real = train.stream().map(CorpusFiles::realPath).toList();
        for (Path file : validation) {
            if (real.contains(realPath(file))) {
                throw InputException.configuration(file
                        + ": is named by data.train and by data.validation; take it out of one of them, or the validation"
                        + " loss measures memory");
            }
        }
    }

    private void add(String entry) {
        try {
            Path path = Path.of(entry);
            if (TokenPack.isPack(path)) {
                throw InputException.configuration(
                        key + ": " + entry + " is packed already; name text files, or make it the"
                                + " only entry of data.train, without data.validation");
            } else if (Files.isDirectory(path)) {
                addMatching(entry, path, this::isWanted);
            } else if (Files.exists(path)) {
                if (!others.test(path)) {
                    SourceFile.require(path);
                }
                addFile(path);
            } else if (entry.chars().anyMatch(unit -> GLOB_CHARACTERS.indexOf(unit) >= 0)) {
                addGlob(entry);
            } else {
                throw InputException.environment(key + ": " + entry + " does not exist (looked from "
                        + Path.of("").toAbsolutePath() + "); correct the path");
            }
        } catch (InvalidPathException | PatternSyntaxException malformed) {
            // On some systems "*" cannot stand in a path at all, so a glob may arrive here.
            throw InputException.configuration(key + ": \"" + entry + "\" is neither a path nor a glob ("
                    + malformed.getMessage() + "); correct it");
        }
    }

    private void addGlob(String entry) {
        String[] parts = entry.replace('\\', '/').split("/", -1);
        int fixed = 0;
        while (parts[fixed].chars().noneMatch(unit -> GLOB_CHARACTERS.indexOf(unit) >= 0)) {
            fixed++;
        }
        String folder = String.join("/", List.of(parts).subList(0, fixed));
        String pattern = String.join("/", List.of(parts).subList(fixed, parts.length));
        Path base = fixed == 0 ? Path.of("") : Path.of(folder.isEmpty() ? "/" : folder);
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        if (!Files.isDirectory(base)) {
            throw InputException.environment(
                    key + ": the folder " + folder + " of " + entry + " does not exist; correct the path");
        }
        addMatching(entry, base, file -> matcher.matches(base.relativize(file)) && isWanted(file));
    }

    private boolean isWanted(Path file) {
        return SourceFile.of(file).isPresent() || others.test(file);
    }

    private void addMatching(String entry, Path base, Predicate<Path> wanted) {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(base, FileVisitOption.FOLLOW_LINKS)) {
            walk.filter(Files::isRegularFile).filter(wanted).forEach(found::add);
        } catch (IOException failed) {
            throw DocumentReader.unreadable(base, failed);
        } catch (UncheckedIOException failed) {
            throw DocumentReader.unreadable(base, Objects.requireNonNull(failed.getCause()));
        }
        if (found.isEmpty()) {
            throw InputException.environment(key + ": " + entry + " has no text file (" + SourceFile.KNOWN_NAMES
                    + "); correct the path or put files there");
        }
        found.sort(Comparator.comparing(Path::toString));
        found.forEach(this::addFile);
    }

    private void addFile(Path file) {
        fileByRealPath.putIfAbsent(realPath(file), file);
    }

    private static Path realPath(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }
}
