package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.english.EnglishTasks;
import io.github.gptmoe.train.config.TaskFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --task} and {@code --data}: which tasks, and where their rows are. */
final class TaskOptions {
    /** Stands for the nine tasks of ZeroCLUE. */
    static final String ALL = "all";

    /** The nine tasks of ZeroCLUE, in the order of its table. */
    static final List<String> ZEROCLUE =
            List.of("eprstmt", "bustm", "ocnli", "csldcp", "tnews", "cluewsc", "iflytek", "csl", "chid");

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
    private List<String> names = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec command;

    @Mixin
    private DataOption data = new DataOption();

    private List<String> named() {
        if (names.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    "Missing required option: '--task=NAME'; such as --task eprstmt, or --task all for the nine of ZeroCLUE");
        }
        return names;
    }

    /** The tasks, each once, in the order named. */
    List<Task> tasks() {
        List<String> chosen = named();
        chosen.stream().filter(EnglishTasks::has).findFirst().ifPresent(english -> {
            throw new ParameterException(
                    command.commandLine(),
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
        List<Task> tasks = all.stream().map(TaskFiles::load).toList();
        if (tasks.stream().map(Task::name).distinct().count() < tasks.size()
                || tasks.stream()
                                .map(task -> task.submission().file())
                                .distinct()
                                .count()
                        < tasks.size()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--task " + String.join(",", names) + ": two of these task files have the same name or submission"
                            + " file; name each task once, and give a copy names of its own");
        }
        return tasks;
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
        return data.folder(told);
    }

    /** The folder of the English files, which exists. */
    Path englishData(Consumer<String> told) {
        return data.englishFolder(told);
    }
}
