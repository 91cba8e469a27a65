package io.github.gptmoe.data.corpus;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * A text file to be read, and what it was when the run began.
 *
 * @param path where it lies
 * @param name its path below the deepest folder that all inputs share, with forward slashes
 * @param bytes its size on disk
 * @param changed when it was last changed, in milliseconds since 1970
 */
public record InputFile(Path path, String name, long bytes, long changed) {

    /**
     * Looks at files.
     *
     * @param paths text files
     * @return one for each, in their order
     * @throws InputException if a file cannot be looked at, or two outputs would have one name
     */
    public static List<InputFile> of(List<Path> paths) {
        return of(paths, InputFile::size, InputFile::changed);
    }

    /**
     * Describes files that lie anywhere.
     *
     * @param paths what names them
     * @param size the size of one on its disk
     * @param changed when one was last changed, in milliseconds since 1970
     * @return one for each, in their order
     * @throws InputException if two outputs would have one name
     */
    public static List<InputFile> of(List<Path> paths, ToLongFunction<Path> size, ToLongFunction<Path> changed) {
        Path shared = sharedFolder(paths);
        List<InputFile> files = new ArrayList<>();
        Map<String, Path> outputs = new HashMap<>();
        for (Path path : paths) {
            String name = shared.relativize(absolute(path)).toString().replace('\\', '/');
            InputFile file = new InputFile(path, name, size.applyAsLong(path), changed.applyAsLong(path));
            Path other = outputs.put(file.outputName(), path);
            if (other != null) {
                throw new InputException(
                        InputException.Kind.CONFIGURATION,
                        other + " and " + path + " would both be written to " + file.outputName()
                                + "; rename one, or give them to two calls");
            }
            files.add(file);
        }
        return List.copyOf(files);
    }

    private static Path sharedFolder(List<Path> paths) {
        Path shared = folder(paths.get(0));
        for (Path path : paths) {
            Path folder = folder(path);
            while (!folder.startsWith(shared)) {
                shared = shared.resolveSibling(".").normalize();
            }
        }
        return shared;
    }

    private static Path folder(Path path) {
        return absolute(path).resolveSibling(".").normalize();
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static long size(Path path) {
        try {
            return Files.size(path);
        } catch (IOException failed) {
            throw unreadable(path, failed);
        }
    }

    private static long changed(Path path) {
        try {
            return Files.getLastModifiedTime(path).toMillis();
        } catch (IOException failed) {
            throw unreadable(path, failed);
        }
    }

    private static InputException unreadable(Path path, IOException failed) {
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                path + ": the file cannot be read (" + failed.getClass().getSimpleName()
                        + "); check path and permissions",
                failed);
    }

    /**
     * What its output is called: JSON Lines, compressed as the input is.
     *
     * @return a path below the output folder
     */
    public String outputName() {
        String lower = name.toLowerCase(Locale.ROOT);
        String ending = lower.endsWith(".gz") ? ".gz" : lower.endsWith(".zst") ? ".zst" : "";
        String bare = name.substring(0, name.length() - ending.length());
        String stem = bare.substring(0, bare.lastIndexOf('.'));
        return stem + ".jsonl" + ending;
    }

    /**
     * What tells it from other files and from itself at other times.
     *
     * @return text for a digest
     */
    public String identity() {
        return absolute(path) + "\n" + name + "\n" + bytes + "\n" + changed;
    }

    /**
     * Fails when the file is no longer what it was.
     *
     * @throws InputException with the remedy
     */
    public void requireUnchanged() {
        requireUnchanged(size(path), changed(path));
    }

    /**
     * Fails when the file is no longer what it was.
     *
     * @param bytesNow its size now
     * @param changedNow when it was last changed
     * @throws InputException with the remedy
     */
    public void requireUnchanged(long bytesNow, long changedNow) {
        if (bytesNow != bytes || changedNow != changed) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    path + ": changed while it was read; wait until its writer is done and start again");
        }
    }

    /**
     * The sizes of several files.
     *
     * @param files any
     * @return bytes on disk of all together
     */
    public static long bytes(List<InputFile> files) {
        return files.stream().mapToLong(InputFile::bytes).sum();
    }
}
