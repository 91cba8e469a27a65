package io.github.gptmoe.eval;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses a run where none was named: the newest finished one.
 *
 * @param runs the folder that holds the runs
 */
public record RunLocator(Path runs) {
    /** In the folder of a run that was adapted to tasks: how its text was made. */
    public static final String ADAPTATION = "adaptation.json";

    private static final Logger LOG = LoggerFactory.getLogger(RunLocator.class);

    /** A run's folder and when its summary was written. */
    private record Finished(Path folder, FileTime time) {}

    /**
     * The place where runs are made unless told otherwise.
     *
     * @return a locator for {@code runs/} in the working folder
     */
    public static RunLocator inWorkingFolder() {
        return new RunLocator(Path.of("runs"));
    }

    /**
     * Finds the finished run (one with a {@code summary.json}) whose summary is the newest, and logs which it is.
     *
     * @return the run's folder
     * @throws InputException if there is none, with the command that makes one
     */
    public Path newestFinished() {
        return newestFinished(folder -> true);
    }

    /**
     * Finds the newest finished run that was not adapted to tasks, and logs which it is: what an adaptation starts from.
     *
     * @return the run's folder
     * @throws InputException if there is none, with the command that makes one
     */
    public Path newestPretrained() {
        return newestFinished(folder -> !Files.exists(folder.resolve(ADAPTATION)));
    }

    private Path newestFinished(Predicate<Path> wanted) {
        Path found = newest(wanted)
                .orElseThrow(() -> new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "no finished run under " + runs.toAbsolutePath()
                                + "; make one with 'moe pretrain --config quickstart', or name a run or checkpoint folder"
                                + " with --checkpoint"));
        LOG.info("Using {}, the newest finished run under {}", found, runs);
        return found;
    }

    private Optional<Path> newest(Predicate<Path> wanted) {
        if (!Files.isDirectory(runs)) {
            return Optional.empty();
        }
        try (Stream<Path> children = Files.list(runs)) {
            return children.filter(folder -> Files.isRegularFile(new RunFolder(folder).summary()))
                    .filter(wanted)
                    .map(RunLocator::finished)
                    // The name decides between equal times, so that the choice is the same on every call.
                    .max(Comparator.comparing(Finished::time).thenComparing(Finished::folder))
                    .map(Finished::folder);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Finished finished(Path folder) {
        try {
            return new Finished(folder, Files.getLastModifiedTime(new RunFolder(folder).summary()));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
