package io.github.gptmoe.cli;

import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --config} and {@code --set}: which run. */
final class ConfigOptions {

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

    /** The file name without its ending: what a run folder is called by default. */
    String baseName() {
        String file = config.substring(Math.max(config.lastIndexOf('/'), config.lastIndexOf('\\')) + 1);
        return file.endsWith(".yaml") ? file.substring(0, file.length() - ".yaml".length()) : file;
    }
}
