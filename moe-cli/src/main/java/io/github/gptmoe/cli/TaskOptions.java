package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.english.EnglishTasks;
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
    /** Stands for the nine tasks of ZeroCLUE. */
    static final String ALL = "all";

    /** The nine tasks of ZeroCLUE, in the order of its table. */
    static final List<String> ZEROCLUE =
            List.of("eprstmt", "bustm", "ocnli", "csldcp", "tnews", "cluewsc", "iflytek", "csl", "chid");

    private static final String VARIABLE = "MOE_DATA";
    private static final Path STANDARD = Path.of("data", "zeroclue");
    private static final Path ENGLISH = Path.of("data", "english");

    /** Not "required": picocli would then want it before subcommands as well. */
    @Option(
            names = "--task",
            split = ",",
            paramLabel = "NAME",
            description = {
                "Tasks, separated by commas: names of configs/tasks, or YAML files;",
                "all: eprstmt, bustm, ocnli, csldcp, tnews, cluewsc, iflytek, csl, chid.",
                "zeroshot also knows english: lambada, piqa, boolq, race, webqs."
            })
    private @Nullable List<String> names;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Folder with a folder for each task; default $MOE_DATA, or data/zeroclue;",
                "scripts/fetch-zeroclue.sh fetches the official files."
            })
    private @Nullable Path data;

    private List<String> named() {
        if (names == null) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "which task? Name it with --task, such as --task eprstmt, or --task all for the nine of ZeroCLUE");
        }
        return names;
    }

    /** The tasks, each once, in the order named. */
    List<Task> tasks() {
        List<String> chosen = named();
        chosen.stream().filter(EnglishTasks::has).findFirst().ifPresent(english -> {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--task " + english
                            + " is an English task: only moe zeroshot scores it, and not together with others,"
                            + " since their rows lie in another folder; make two calls (a task file of that name is named"
                            + " by its path)");
        });
        return load(chosen);
    }

    /** Task files by name, each once. */
    static List<Task> load(List<String> names) {
        LinkedHashSet<String> all = new LinkedHashSet<>();
        for (String name : names) {
            all.addAll(name.equals(ALL) ? ZEROCLUE : List.of(name));
        }
        return all.stream().map(TaskFiles::load).toList();
    }

    /** Whether all tasks named are English ones, which have no task files. */
    boolean english() {
        return named().stream().allMatch(EnglishTasks::has);
    }

    /** The names of the English tasks, each once. */
    List<String> englishTasks() {
        LinkedHashSet<String> all = new LinkedHashSet<>();
        for (String name : named()) {
            all.addAll(name.equals(EnglishTasks.ALL) ? EnglishTasks.five() : List.of(name));
        }
        return List.copyOf(all);
    }

    /** The data folder, which exists. */
    Path data(Consumer<String> told) {
        return folder(data, told);
    }

    /** The folder of the English files, which exists. The variable is not asked: it names that of the other tasks. */
    Path englishData(Consumer<String> told) {
        Path chosen = data != null ? data : ENGLISH;
        if (data == null) {
            told.accept("data " + chosen);
        }
        return existing(chosen, "name one with --data; docs/english-tasks.md has what is in it");
    }

    /** The folder named, or that of the variable, or the standard one; it exists. */
    static Path folder(@Nullable Path named, Consumer<String> told) {
        String variable = System.getenv(VARIABLE);
        Path chosen = named != null ? named : variable != null && !variable.isBlank() ? Path.of(variable) : STANDARD;
        if (named == null) {
            told.accept("data " + chosen + (variable != null && !variable.isBlank() ? " ($MOE_DATA)" : ""));
        }
        return existing(
                chosen,
                "name one with --data or $MOE_DATA, or fetch the official files with scripts/fetch-zeroclue.sh");
    }

    private static Path existing(Path folder, String remedy) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, "no data folder " + folder.toAbsolutePath() + "; " + remedy);
        }
        return folder;
    }
}
