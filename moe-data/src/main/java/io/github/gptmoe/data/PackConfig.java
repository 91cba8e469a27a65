package io.github.gptmoe.data;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code moe data pack} packs. A null component takes its default.
 *
 * @param sources the mixture; needed
 * @param tokens T, how long the mixture is to be; null, the default, makes it as long as can be with no source of a weight taken
 *     more than once
 * @param validation files, folders or globs with validation text; empty (the default) takes validation documents out of all
 *     sources
 * @param validationFraction the share of the documents of every source, chosen by a hash of their text, that becomes the
 *     validation set when {@code validation} is empty; default 0.05
 * @param tokenizer path of a SentencePiece model
 * @param seed of the shuffled order of every source and epoch; default 1
 * @param badRows {@code fail} (default), {@code skip} or {@code quarantine}
 * @param maxBadShare the largest share of all rows that may be bad; default 0.001
 * @param longRows {@code refuse} (default; the row is bad) or {@code cut}
 * @param maxRowBytes the longest row, in bytes; default 4 MiB
 */
public record PackConfig(
        List<PackSource> sources,
        @Nullable Long tokens,
        List<String> validation,
        Double validationFraction,
        String tokenizer,
        Long seed,
        String badRows,
        Double maxBadShare,
        String longRows,
        Integer maxRowBytes) {

    private static final double DEFAULT_VALIDATION_FRACTION = 0.05;
    static final int DEFAULT_ROW_BYTES = 4 << 20;
    private static final String NAME = "[A-Za-z0-9._-]{1,100}";

    /**
     * Fills defaults in for nulls; {@link #problems()} judges the values.
     *
     * @param sources as above
     * @param tokens as above
     * @param validation as above
     * @param validationFraction as above
     * @param tokenizer as above
     * @param seed as above
     * @param badRows as above
     * @param maxBadShare as above
     * @param longRows as above
     * @param maxRowBytes as above
     */
    public PackConfig {
        sources = sources == null ? List.of() : List.copyOf(sources);
        validation = validation == null ? List.of() : List.copyOf(validation);
        validationFraction = validationFraction == null ? DEFAULT_VALIDATION_FRACTION : validationFraction;
        tokenizer = tokenizer == null ? "" : tokenizer;
        seed = seed == null ? 1 : seed;
        badRows = badRows == null ? BadRows.FAIL.label() : badRows;
        maxBadShare = maxBadShare == null ? BadRowPolicy.USUAL_SHARE : maxBadShare;
        longRows = longRows == null ? RowRules.label(LongRows.REFUSE) : longRows;
        maxRowBytes = maxRowBytes == null ? DEFAULT_ROW_BYTES : maxRowBytes;
    }

    /**
     * Sources with everything else as is usual; the tokenizer is left open.
     *
     * @param sources the mixture
     * @return a configuration
     */
    @SuppressWarnings("NullAway") // null asks the canonical constructor for the default
    public static PackConfig of(List<PackSource> sources) {
        return new PackConfig(sources, null, null, null, null, null, null, null, null, null);
    }

    /**
     * Judges the values alone; no file is touched.
     *
     * @return for each wrong key what is wrong and the remedy; empty when all is well
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        if (sources.isEmpty()) {
            problems.put("sources", "are missing; name at least one with its files");
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < sources.size(); i++) {
            sourceProblems("sources[" + i + "].", sources.get(i), names, problems);
        }
        boolean weighted = sources.stream().anyMatch(source -> source.weight() != null);
        if (tokens != null && tokens < 1) {
            problems.put("tokens", "are " + tokens + "; give a number above 0, or leave the key out");
        } else if (tokens != null && !weighted) {
            problems.put(
                    "tokens", "need a source with a weight, as epochs say by themselves how many tokens there are");
        }
        if (validation.stream().anyMatch(String::isBlank)) {
            problems.put("validation", "has an empty entry; remove it or name a file, folder or glob");
        }
        // Written so that NaN is refused as well.
        if (!(validationFraction > 0 && validationFraction < 1)) {
            problems.put(
                    "validationFraction",
                    "is " + validationFraction
                            + "; it must lie between 0 and 1, both excluded (a usual value is 0.01)");
        }
        if (tokenizer.isBlank()) {
            problems.put("tokenizer", "is missing; give the path of a SentencePiece .model file");
        }
        problems.putAll(RowRules.problems(badRows, maxBadShare, longRows, maxRowBytes));
        return problems;
    }

    private static void sourceProblems(String key, PackSource source, Set<String> names, Map<String, String> problems) {
        if (!source.name().matches(NAME)) {
            problems.put(
                    key + "name",
                    "is \"" + source.name() + "\"; give 1 to 100 letters, digits, dots, hyphens or underscores");
        } else if (!names.add(source.name())) {
            problems.put(key + "name", "\"" + source.name() + "\" is that of an earlier source; give each its own");
        }
        if (source.files().isEmpty()) {
            problems.put(key + "files", "are missing; list files, folders or globs of .txt or .jsonl text");
        } else if (source.files().stream().anyMatch(String::isBlank)) {
            problems.put(key + "files", "have an empty entry; remove it or name a file, folder or glob");
        }
        if (source.weight() != null && source.epochs() != null) {
            problems.put(key + "weight", "and epochs are both given; choose one");
        }
        positive(key + "weight", source.weight(), problems);
        positive(key + "epochs", source.epochs(), problems);
    }

    private static void positive(String key, @Nullable Double value, Map<String, String> problems) {
        if (value != null && !(value > 0 && value <= 1e6)) {
            problems.putIfAbsent(key, "is " + value + "; it must lie above 0 and be at most 1000000");
        }
    }

    /** Throws if there are problems. */
    void requireValid() {
        Map<String, String> problems = problems();
        if (!problems.isEmpty()) {
            throw InputException.configuration(problems.entrySet().stream()
                    .map(problem -> problem.getKey() + " " + problem.getValue())
                    .collect(Collectors.joining("\n")));
        }
    }

    RowLimit rowLimit() {
        return new RowLimit(maxRowBytes, LongRows.valueOf(longRows.toUpperCase(Locale.ROOT)));
    }

    BadRowPolicy badRowPolicy() {
        return BadRowPolicy.ofCommand(BadRows.valueOf(badRows.toUpperCase(Locale.ROOT)), maxBadShare);
    }
}
