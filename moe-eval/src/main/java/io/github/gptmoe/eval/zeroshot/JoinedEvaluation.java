package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.task.PredictionFile;
import io.github.gptmoe.eval.task.Submission;
import io.github.gptmoe.eval.task.TaskOutput;
import io.github.gptmoe.eval.task.TaskResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Evaluations of different tasks, each perhaps by a model adapted to it, as one: what a leaderboard takes is answers to all
 * tasks, whoever gave them.
 */
public final class JoinedEvaluation {
    private static final String RESULTS = "results.json";
    private static final String SUBMISSION = "submission";

    private final Map<String, Evaluated> byTask = new LinkedHashMap<>();
    private final Map<String, Path> submitted = new LinkedHashMap<>();
    private final List<Path> withoutSubmission = new ArrayList<>();

    /** A task's result and where it is from. */
    private record Evaluated(TaskResult result, Path folder) {}

    private JoinedEvaluation(List<Path> folders) {
        folders.forEach(this::add);
    }

    /**
     * Reads evaluations; nothing is written.
     *
     * @param folders that {@code zeroshot} wrote, or the evaluations of {@code continue-pretrain}
     * @return all of them
     * @throws InputException if one has no results, two have the same task, or splits differ
     */
    public static JoinedEvaluation of(List<Path> folders) {
        if (folders.isEmpty()) {
            throw new IllegalArgumentException("no folder to join");
        }
        return new JoinedEvaluation(folders);
    }

    /**
     * The results.
     *
     * @param order names of tasks that come first, in this order; others follow as they were read
     * @return one a task
     */
    public List<TaskResult> results(List<String> order) {
        return Stream.concat(order.stream(), byTask.keySet().stream())
                .distinct()
                .map(byTask::get)
                .filter(Objects::nonNull)
                .map(Evaluated::result)
                .toList();
    }

    /**
     * Folders that have no submission, because they were written without one.
     *
     * @return none if all have one
     */
    public List<Path> withoutSubmission() {
        return List.copyOf(withoutSubmission);
    }

    /**
     * Writes the predictions of all, and, if all have submission files, these and an archive of them.
     *
     * @param out made if missing
     * @return the archive
     * @throws InputException if that is not possible
     */
    public Optional<Path> write(Path out) {
        byTask.values().forEach(evaluated -> {
            String name = PredictionFile.name(
                    evaluated.result().task(), evaluated.result().split());
            TaskOutput.replace(out.resolve(name), bytes(evaluated.folder().resolve(name)));
        });
        if (!withoutSubmission.isEmpty()) {
            return Optional.empty();
        }
        Submission submission = new Submission();
        submitted.forEach((name, file) -> submission.add(name, bytes(file)));
        List<Path> written = submission.write(out.resolve(SUBMISSION), ZeroShotRun.ARCHIVE);
        return Optional.of(written.get(written.size() - 1));
    }

    private void add(Path folder) {
        Path file = folder.resolve(RESULTS);
        if (!Files.isRegularFile(file)) {
            throw bad(file
                    + " does not exist; name a folder that moe zeroshot wrote, or zeroshot/after of an adapted run");
        }
        for (TaskResult result : read(file)) {
            requireSameSplit(result, folder);
            Evaluated other = byTask.putIfAbsent(result.task(), new Evaluated(result, folder));
            if (other != null) {
                throw bad("task " + result.task() + " is in " + other.folder() + " and in " + folder
                        + "; name one of them, or compare them with: moe zeroshot compare");
            }
        }
        List<Path> files = submissionFiles(folder.resolve(SUBMISSION));
        if (files.isEmpty()) {
            withoutSubmission.add(folder);
        }
        for (Path each : files) {
            Path other = submitted.putIfAbsent(String.valueOf(each.getFileName()), each);
            if (other != null) {
                throw bad(each + " and " + other + " answer the same task; name one of their folders");
            }
        }
    }

    private static List<TaskResult> read(Path file) {
        try {
            return ResultFile.read(file);
        } catch (UncheckedIOException damaged) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    damaged.getMessage() + "; evaluate again to write it anew",
                    damaged);
        }
    }

    private void requireSameSplit(TaskResult result, Path folder) {
        byTask.values().stream()
                .filter(other -> !other.result().split().equals(result.split()))
                .findFirst()
                .ifPresent(other -> {
                    throw bad(folder + " is of split " + result.split() + ", but " + other.folder() + " of "
                            + other.result().split() + "; join evaluations of one split");
                });
    }

    private static List<Path> submissionFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, folder + " cannot be read: " + unreadable, unreadable);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    file + " cannot be read (" + unreadable + "); evaluate the task again",
                    unreadable);
        }
    }

    private static InputException bad(String message) {
        return new InputException(InputException.Kind.CONFIGURATION, message);
    }
}
