package io.github.gptmoe.cli;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.export.HarnessExport;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe export harness}: task files for lm-evaluation-harness. */
@Command(
        name = "harness",
        description = "Writes tasks as YAML files of lm-evaluation-harness (v0.4 and later), with a group over all.",
        footer = {
            "",
            "Example: moe export harness --out harness",
            "Then:    lm_eval --model hf --model_args pretrained=MODEL --include_path harness --tasks zeroclue"
        })
final class ExportHarnessCommand extends BaseCommand {

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description = "Folder of the files; it should have no others.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private Path folder;

    @Option(
            names = "--task",
            split = ",",
            paramLabel = "NAME",
            defaultValue = TaskOptions.ALL,
            description = "Tasks, separated by commas: names of configs/tasks, or YAML files; default all nine.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private List<String> names;

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--patterns",
            paramLabel = "SET",
            defaultValue = ZeroShotSettings.ARTICLE,
            description = "Pattern set of the task files: article (default), script, or another that the tasks have.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String patterns;

    @Option(
            names = "--split",
            paramLabel = "SPLIT",
            defaultValue = "test_public",
            description = "Split with labels that is evaluated; default test_public.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String split;

    @Override
    int run() {
        List<Task> tasks = TaskOptions.load(names);
        Path rows = data.folder(err()::println);
        List<Path> files = new HarnessExport(tasks, rows, split, patterns).write(folder);
        files.forEach(out()::println);
        return ExitCode.DONE;
    }
}
