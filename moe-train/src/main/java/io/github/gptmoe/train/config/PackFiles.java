package io.github.gptmoe.train.config;

import io.github.gptmoe.data.PackConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a {@link PackConfig} from YAML, as strictly as a configuration: everything that is wrong with it at once, with its place. */
public final class PackFiles {

    private static final String FOLDER = "configs/pack";
    private static final String TOKENIZER = "tokenizer";

    private PackFiles() {}

    /**
     * Reads a file.
     *
     * @param name a path, or a bare name that is looked up in the working folder and in {@code configs/pack/} there, with or
     *     without {@code .yaml}
     * @return what to pack; the tokenizer may be empty, as it can come from elsewhere
     * @throws ConfigException if anything is wrong with it, with every problem
     * @throws java.io.UncheckedIOException if the file exists and cannot be read
     */
    public static PackConfig load(String name) {
        ConfigSource source = ConfigSource.find(name, FOLDER, Path.of(""));
        return parse(source.name(), source.text());
    }

    static PackConfig parse(String source, String yaml) {
        return ConfigLoader.parse(PackConfig.class, PackFiles::problems, source, yaml, List.of());
    }

    private static Map<String, String> problems(PackConfig config) {
        Map<String, String> problems = new LinkedHashMap<>(config.problems());
        problems.remove(TOKENIZER);
        return problems;
    }
}
