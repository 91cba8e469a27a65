package io.github.gptmoe.data.task;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.JsonLinesReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the splits of a task: {@code DATA/FOLDER/SPLIT.json}, or {@code SPLIT.json.gz}, in the layout of the FewCLUE
 * repository. A split is read as a whole; a row that cannot be used stops the reading with an {@link InputException} that
 * names file and line. Labels may be missing only where {@link TaskData#mayLackLabels} says so.
 */
public final class TaskReader {
    private static final List<String> ENDINGS = List.of(".json", ".json.gz");

    private final Task task;
    private final Path folder;

    /**
     * Makes a reader; nothing is read yet.
     *
     * @param task the task
     * @param data the data folder, which has a folder for each task
     */
    public TaskReader(Task task, Path data) {
        this.task = task;
        this.folder = data.resolve(task.data().folder());
    }

    /**
     * Whether a split is there.
     *
     * @param split its name, such as {@code test_public}
     * @return whether one of its files exists
     */
    public boolean has(String split) {
        return find(split).isPresent();
    }

    /**
     * The file of a split.
     *
     * @param split its name, such as {@code test_public}
     * @return the plain file, or the compressed one if there is no plain one
     * @throws InputException if there is neither
     */
    public Path file(String split) {
        return find(split).orElseThrow(() -> missing(split));
    }

    /**
     * Reads a split.
     *
     * @param split its name, such as {@code test_public}
     * @return its rows in the order of the file, at least one
     * @throws InputException if there is no such file, it is empty, or a row cannot be used
     */
    public List<TaskRow> read(String split) {
        if (!split.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "'" + split
                            + "' is no name of a split; use test_public, dev_0, train_0 or another file's name without .json");
        }
        Path file = file(split);
        RowFields fields = new RowFields(task, file, !task.data().mayLackLabels(split));
        List<TaskRow> rows = new ArrayList<>();
        try (JsonLinesReader reader = JsonLinesReader.open(file)) {
            for (JsonLinesReader.Row row = reader.next(); row != null; row = reader.next()) {
                rows.add(fields.read(row));
            }
        }
        if (rows.isEmpty()) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    file + ": has no rows; copy or download it again, or name another split" + existing());
        }
        return rows;
    }

    private Optional<Path> find(String split) {
        return ENDINGS.stream()
                .map(ending -> folder.resolve(split + ending))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private InputException missing(String split) {
        String places = ENDINGS.stream()
                .map(ending -> folder.resolve(split + ending).toString())
                .collect(Collectors.joining(" or "));
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                "task " + task.name() + ": no file " + places + existing()
                        + "; name the data folder with --data (default $MOE_DATA or data/zeroclue), or fetch the official"
                        + " files with scripts/fetch-zeroclue.sh");
    }

    private String existing() {
        if (!Files.isDirectory(folder)) {
            return " (the folder " + folder.toAbsolutePath() + " does not exist)";
        }
        try (Stream<Path> files = Files.list(folder)) {
            String splits = files.map(file -> file.getFileName().toString())
                    .filter(file -> ENDINGS.stream().anyMatch(file::endsWith) && !file.startsWith("labels."))
                    .map(file -> file.substring(0, file.indexOf(".json")))
                    .sorted()
                    .collect(Collectors.joining(", "));
            return " (splits there: " + (splits.isEmpty() ? "none" : splits) + ")";
        } catch (IOException unreadable) {
            throw new UncheckedIOException("Cannot list " + folder, unreadable);
        }
    }
}
