package io.github.gptmoe.cli;

import io.github.gptmoe.data.task.Task;
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
    /** The nine tasks of ZeroCLUE, in the order of its table. */
    static final List<String> ZEROCLUE =
            List.of("eprstmt", "bustm", "ocnli", "csldcp", "tnews", "cluewsc", "iflytek", "csl", "chid");

    @Option(
            names = "--task",
            split = ",",
            paramLabel = "NAME",
            description = {
                "Tasks, separated by commas: names of configs/tasks, or YAML files;",
                "all: eprstmt, bustm, ocnli, csldcp, tnews, cluewsc, iflytek, csl, chid."
            })
    private List<String> names = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec command;

    @Mixin
    private DataOption data = new DataOption();

    /** The tasks, each once, in the order named. */
    List<Task> tasks() {
        if (names.isEmpty()) {
            // Not left to picocli: it would ask a subcommand for it, too.
            throw new ParameterException(command.commandLine(), "Missing required option: '--task=NAME'");
        }
        LinkedHashSet<String> all = new LinkedHashSet<>();
        for (String name : names) {
            all.addAll(name.equals("all") ? ZEROCLUE : List.of(name));
        }
        return all.stream().map(TaskFiles::load).toList();
    }

    /** The data folder, which exists. */
    Path data(Consumer<String> told) {
        return data.folder(told);
    }
}
