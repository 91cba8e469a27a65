package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.train.config.TaskFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --task} and {@code --data}: which tasks, and where their rows are. */
final class TaskOptions {
    /** The nine tasks of ZeroCLUE, in the order of its table. */
    static final List<String> ZEROCLUE =
            List.of("eprstmt", "bustm", "ocnli", "csldcp", "tnews", "cluewsc", "iflytek", "csl", "chid");

    private static final String VARIABLE = "MOE_DATA";
    private static final Path STANDARD = Path.of("data", "zeroclue");

    @Option(
            names = "--task",
            required = true,
            split = ",",
            paramLabel = "NAME",
            description = {
                "Tasks, separated by commas: names of configs/tasks, or YAML files;",
                "all: eprstmt, bustm, ocnli, csldcp, tnews, cluewsc, iflytek, csl, chid."
            })
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private List<String> names;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Folder with a folder for each task; default $MOE_DATA, or data/zeroclue;",
                "scripts/fetch-zeroclue.sh fetches the official files."
            })
    private @Nullable Path data;

    /** The tasks, each once, in the order named. */
    List<Task> tasks() {
        LinkedHashSet<String> all = new LinkedHashSet<>();
        for (String name : names) {
            all.addAll(name.equals("all") ? ZEROCLUE : List.of(name));
        }
        return all.stream().map(TaskFiles::load).toList();
    }

    /** The data folder, which exists. */
    Path data(Consumer<String> told) {
        String variable = System.getenv(VARIABLE);
        Path chosen = data != null ? data : variable != null && !variable.isBlank() ? Path.of(variable) : STANDARD;
        if (data == null) {
            told.accept("data " + chosen + (variable != null && !variable.isBlank() ? " ($MOE_DATA)" : ""));
        }
        if (!Files.isDirectory(chosen)) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "no data folder " + chosen.toAbsolutePath()
                            + "; name one with --data or $MOE_DATA, or fetch the official files with"
                            + " scripts/fetch-zeroclue.sh");
        }
        return chosen;
    }
}
