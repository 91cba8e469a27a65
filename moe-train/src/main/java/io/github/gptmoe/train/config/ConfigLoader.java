package io.github.gptmoe.train.config;

import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.train.config.ConfigNode.Mapping;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Reads a {@link RunConfig} or {@link AdaptationConfig} from YAML, and says everything that is wrong with it at once. */
public final class ConfigLoader {

    private static final String ADAPTATIONS = "configs/adapt";
    private static final String CLEANINGS = "configs/clean";

    private ConfigLoader() {}

    /**
     * Reads a file, or a shipped configuration by its bare name.
     *
     * @param name a path, or a name such as {@code quickstart} that is looked up in the working folder, in
     *     {@code configs/} there and among the configurations inside the program, with or without {@code .yaml}
     * @param sets overrides {@code section.key=value}, applied in order after the file
     * @return the complete configuration
     * @throws ConfigException if anything is wrong with it, with every problem
     * @throws java.io.UncheckedIOException if the file exists and cannot be read
     */
    public static RunConfig load(String name, List<String> sets) {
        return load(name, sets, Path.of(""));
    }

    /**
     * Reads a file.
     *
     * @param file a YAML file
     * @param sets overrides {@code section.key=value}, applied in order after the file
     * @return the complete configuration
     * @throws ConfigException if anything is wrong with it, with every problem
     * @throws java.io.UncheckedIOException if the file exists and cannot be read
     */
    public static RunConfig load(Path file, List<String> sets) {
        return load(file.toAbsolutePath().toString(), sets, Path.of(""));
    }

    /**
     * Tells whether a configuration came with the program, so that its data may lie beside it.
     *
     * @param name a path or bare name, as for {@link #load(String, List)}
     * @param home the folder that the program and its {@code configs/} lie in
     * @return whether it is one of those, or inside the program
     * @throws ConfigException if there is no such configuration
     */
    public static boolean isShipped(String name, Path home) {
        return ConfigSource.find(name, Path.of("")).isShipped(home);
    }

    /**
     * Reads configuration text.
     *
     * @param source what to call the text in messages
     * @param yaml the text
     * @param sets overrides {@code section.key=value}, applied in order after the text
     * @return the complete configuration
     * @throws ConfigException if anything is wrong with it, with every problem
     */
    public static RunConfig parse(String source, String yaml, List<String> sets) {
        return parse(RunConfig.class, RunConfig::problems, source, yaml, sets);
    }

    /**
     * Reads what a continued pretraining is to do, from a file or a shipped configuration by its bare name.
     *
     * @param name a path, or a bare name that is looked up in the working folder, in {@code configs/adapt/} there and inside
     *     the program
     * @param sets overrides {@code section.key=value}, applied in order after the file
     * @return the complete configuration
     * @throws ConfigException if anything is wrong with it, with every problem
     * @throws java.io.UncheckedIOException if the file exists and cannot be read
     */
    public static AdaptationConfig loadAdaptation(String name, List<String> sets) {
        ConfigSource source = ConfigSource.find(name, ADAPTATIONS, Path.of(""));
        return parse(AdaptationConfig.class, AdaptationConfig::problems, source.name(), source.text(), sets);
    }

    /**
     * Reads which rules clean text, from a file or a shipped configuration by its bare name.
     *
     * @param name a path, or a bare name that is looked up in the working folder, in {@code configs/clean/} there and inside
     *     the program
     * @param sets overrides {@code rule.key=value}, applied in order after the file
     * @return the complete configuration
     * @throws ConfigException if anything is wrong with it, with every problem
     * @throws java.io.UncheckedIOException if the file exists and cannot be read
     */
    public static CleanConfig loadCleaning(String name, List<String> sets) {
        ConfigSource source = ConfigSource.find(name, CLEANINGS, Path.of(""));
        return parse(CleanConfig.class, CleanConfig::problems, source.name(), source.text(), sets);
    }

    /** Reads any record; {@code rules} judges it. */
    static <R> R parse(
            Class<R> type, Function<R, Map<String, String>> rules, String source, String yaml, List<String> sets) {
        ProblemList problems = new ProblemList(source);
        ConfigNode root =
                YamlTree.read(yaml, mark -> Origin.inFile(source, mark.getLine() + 1, mark.getColumn() + 1), problems);
        Origin start = Origin.inFile(source, 1, 1);
        if (root != null && !(root instanceof Mapping)) {
            String sections = String.join(", ", new RecordShape(type).keys());
            problems.add(root.origin(), "expected the sections " + sections + ", found " + root.kind());
            throw problems.exception();
        }
        Mapping mapping = root == null ? new Mapping(new LinkedHashMap<>(), start) : (Mapping) root;
        SetOption.applyAll(sets, mapping, problems);
        R config = new RecordReader<>(type, rules, problems).read(mapping);
        problems.throwIfAny();
        return config;
    }

    /**
     * Names that can be loaded without a path.
     *
     * @return shipped configurations and those in the working folder's {@code configs/}, sorted
     */
    public static Set<String> names() {
        return ConfigSource.names(Path.of(""));
    }

    static RunConfig load(String name, List<String> sets, Path workingFolder) {
        ConfigSource source = ConfigSource.find(name, workingFolder);
        return parse(source.name(), source.text(), sets);
    }
}
