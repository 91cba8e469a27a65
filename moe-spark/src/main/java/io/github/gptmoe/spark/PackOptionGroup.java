package io.github.gptmoe.spark;

import io.github.gptmoe.data.PackConfig;
import io.github.gptmoe.data.PackSource;
import io.github.gptmoe.train.config.PackFiles;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What is packed: a YAML file, or the same as options; options beside a file win. */
final class PackOptionGroup {
    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9._-]+)=(.+)");
    private static final String ONLY_SOURCE = "text";

    @Option(
            names = "--mix",
            paramLabel = "FILE",
            description = {
                "YAML file with sources (name, files, weight or epochs), tokens, validation, validationFraction, tokenizer,",
                "seed, badRows, maxBadShare, longRows and maxRowBytes; the options below win over it."
            })
    private @Nullable String mix;

    @Option(
            names = {"-i", "--input"},
            arity = "1..*",
            paramLabel = "[NAME=]PATH",
            description = {
                "Files, folders or globs with .txt or .jsonl text, plain or followed by .gz or .zst; with a name they belong",
                "to the source of that name, otherwise to the source \"text\"."
            })
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = "--weight",
            paramLabel = "NAME=W",
            description =
                    "The source's share of the tokens of all sources with a weight, relative to theirs; repeatable.")
    private Map<String, Double> weights = new LinkedHashMap<>();

    @Option(
            names = "--epochs",
            paramLabel = "NAME=E",
            description = "How often each document of the source is taken; 1 without this and a weight; repeatable.")
    private Map<String, Double> epochs = new LinkedHashMap<>();

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = {
                "Length of the mixture; default: as long as can be with no source of a weight taken more than once."
            })
    private @Nullable Long tokens;

    @Option(names = "--tokenizer", paramLabel = "MODEL", description = "SentencePiece .model file.")
    private @Nullable String tokenizer;

    @Option(
            names = "--validation",
            arity = "1..*",
            paramLabel = "PATH",
            description = "Files, folders or globs with validation text; default: held out of the sources.")
    private List<String> validation = new ArrayList<>();

    @Option(
            names = "--validation-fraction",
            paramLabel = "F",
            description = "Share of each source's documents, by a hash of their text, that is held out; default 0.05.")
    private @Nullable Double validationFraction;

    @Option(names = "--seed", paramLabel = "N", description = "Decides the shuffled order of every epoch; default 1.")
    private @Nullable Long seed;

    @Mixin
    private RowOptions rows = new RowOptions();

    RowOptions rows() {
        return rows;
    }

    /** The whole description; its values are judged by whoever packs. */
    PackConfig config(Function<String, ParameterException> mistake) {
        if (mix != null && !inputs.isEmpty()) {
            throw mistake.apply("--mix names the sources already; leave out --input, or add the text to " + mix);
        }
        if (mix == null && inputs.isEmpty()) {
            throw mistake.apply("nothing to pack; name text with --input, or a mixture with --mix");
        }
        PackConfig file = mix == null ? PackConfig.of(sources()) : PackFiles.load(mix);
        List<PackSource> sources = weighed(file.sources(), mistake);
        return new PackConfig(
                sources,
                tokens == null ? file.tokens() : tokens,
                validation.isEmpty() ? file.validation() : validation,
                validationFraction == null ? file.validationFraction() : validationFraction,
                tokenizer == null ? file.tokenizer() : tokenizer,
                seed == null ? file.seed() : seed,
                rows.badRows(file.badRows()),
                rows.maxBadShare(file.maxBadShare()),
                rows.longRows(file.longRows()),
                rows.maxRowBytes(file.maxRowBytes()));
    }

    private List<PackSource> sources() {
        Map<String, List<String>> files = new LinkedHashMap<>();
        for (String input : inputs) {
            Matcher named = NAMED.matcher(input);
            boolean hasName = named.matches() && !exists(input);
            files.computeIfAbsent(hasName ? named.group(1) : ONLY_SOURCE, name -> new ArrayList<>())
                    .add(hasName ? named.group(2) : input);
        }
        List<PackSource> sources = new ArrayList<>();
        files.forEach((name, paths) -> sources.add(new PackSource(name, paths, null, null)));
        return sources;
    }

    /** A file whose own name has an equals sign is no named one. */
    private static boolean exists(String input) {
        try {
            return Files.exists(Path.of(input));
        } catch (InvalidPathException glob) {
            return false;
        }
    }

    private List<PackSource> weighed(List<PackSource> sources, Function<String, ParameterException> mistake) {
        Set<String> unknown = new TreeSet<>(weights.keySet());
        unknown.addAll(epochs.keySet());
        List<PackSource> weighed = new ArrayList<>();
        for (PackSource source : sources) {
            unknown.remove(source.name());
            Double weight = weights.get(source.name());
            Double times = epochs.get(source.name());
            boolean given = weight != null || times != null;
            weighed.add(new PackSource(
                    source.name(), source.files(), given ? weight : source.weight(), given ? times : source.epochs()));
        }
        if (!unknown.isEmpty()) {
            throw mistake.apply("--weight and --epochs name " + String.join(", ", unknown)
                    + ", which is no source; sources are "
                    + String.join(", ", sources.stream().map(PackSource::name).toList()));
        }
        return weighed;
    }
}
