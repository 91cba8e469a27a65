package io.github.gptmoe.cli;

import io.github.gptmoe.data.DataConfig;
import io.github.gptmoe.data.DataPlaces;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** {@code --config} and {@code --set}: which run. */
final class ConfigOptions {

    /** Set by the launcher: the folder that holds configs/ and samples/. */
    static final String HOME_PROPERTY = "moe.home";

    /** What makes a training step smaller. */
    static final String TRAINING_MEMORY_REMEDY = "lower train.microBatch, or set train.recompute to all";

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = {
                "YAML file, or the name of a config: looked up in the working folder, in configs/ there, then among the",
                "shipped ones. A wrong name lists those that exist."
            })
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private String config;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Override one key of the config, for example train.steps=100; repeatable.")
    private List<String> sets = new ArrayList<>();

    /** Reads the configuration with its overrides. */
    RunConfig load() {
        return ConfigLoader.load(config, sets);
    }

    /** Reads the configuration with its overrides, then further ones. */
    RunConfig load(List<String> furtherSets) {
        List<String> all = new ArrayList<>(sets);
        all.addAll(furtherSets);
        return ConfigLoader.load(config, all);
    }

    /** The options again, for another call of the program from the same folder. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("--config", config));
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        return arguments;
    }

    /**
     * Reads the configuration for a command that needs its data. The data of a shipped one lies in the folder of the
     * program, which the launcher names; it is looked for there when the working folder has none.
     */
    RunConfig loadWithData(Consumer<String> told) {
        return withData(load(), told);
    }

    /** As {@link #loadWithData}, for a configuration that was made out of this one. */
    RunConfig withData(RunConfig run, Consumer<String> told) {
        String home = System.getProperty(HOME_PROPERTY);
        if (home == null || !ConfigLoader.isShipped(config, Path.of(home))) {
            return run;
        }
        DataConfig data = DataPlaces.find(run.data(), Path.of(home), told);
        return new RunConfig(run.model(), data, run.train(), run.checkpoint(), run.report());
    }

    /** What the person called it. */
    String written() {
        return config;
    }

    /** The file name without its ending: what a run folder is called by default. */
    String baseName() {
        String file = config.substring(Math.max(config.lastIndexOf('/'), config.lastIndexOf('\\')) + 1);
        return file.endsWith(".yaml") ? file.substring(0, file.length() - ".yaml".length()) : file;
    }
}
