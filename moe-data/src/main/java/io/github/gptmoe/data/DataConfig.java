package io.github.gptmoe.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The {@code data} section of a run's configuration. A null component given to the constructor (a key left out of the
 * file) takes its default, so the accessors never return null. Relative paths start at the working folder.
 *
 * @param train files, folders or globs with training text: {@code .txt} (one document a line) or {@code .jsonl} (the
 *     document in the field {@code text}), plain or with a further {@code .gz} or {@code .zst}; or a single folder
 *     that {@code moe data pack} made, a {@link TokenPack}, which has its own validation text; needed
 * @param validation the same for validation text; empty (the default) takes validation documents out of {@code train}
 * @param validationFraction the share of the training documents, chosen by a hash of their text, that becomes the
 *     validation set when {@code validation} is empty; default 0.05
 * @param tokenizer path of a SentencePiece model; needed
 * @param cache folder for packed token shards; default {@code .cache/tokens}
 * @param badRows {@code fail} (default), {@code skip} or {@code quarantine}: see {@link BadRows}; the last needs {@code tokenize:
 *     ahead} and {@code format: text}, and writes to {@code cache}
 * @param loaderThreads threads that make batches ahead of training; 0 makes them in the training thread; default 1. The
 *     batches are the same
 * @param prefetch micro-batches made ahead, at least 1; default 4
 * @param tokenize {@code ahead} (default): all text, into the cache, before training; {@code stream}: what the run needs, when it
 *     needs it, by {@code loaderThreads} more threads
 * @param format what a row is: {@code text} (default), a document, or {@code segments}, an example whose parts count
 *     differently: {@code .jsonl} rows {@code {"segments": [{"kind": "context", "text": "..."}], "weight": 1.0}}, of the kinds
 *     {@code context}, {@code prompt} and {@code label}, in which the number may be left out
 * @param weights how much each kind counts; null for {@code format: text}, all 1 by default otherwise
 */
public record DataConfig(
        List<String> train,
        List<String> validation,
        Double validationFraction,
        String tokenizer,
        String cache,
        String badRows,
        Integer loaderThreads,
        Integer prefetch,
        String tokenize,
        String format,
        @Nullable SegmentWeights weights) {

    private static final double DEFAULT_VALIDATION_FRACTION = 0.05;
    private static final int DEFAULT_PREFETCH = 4;
    private static final String AHEAD = "ahead";
    private static final String STREAM = "stream";
    private static final String TEXT = "text";
    private static final String SEGMENTS = "segments";

    /**
     * Fills defaults in for nulls; {@link #problems()} judges the values.
     *
     * @param train training text
     * @param validation validation text
     * @param validationFraction share of documents held out
     * @param tokenizer model path
     * @param cache shard folder
     * @param badRows policy name
     * @param loaderThreads threads that make batches
     * @param prefetch batches made ahead
     * @param tokenize when text is tokenised
     * @param format what a row is
     * @param weights how much each kind of segment counts
     */
    public DataConfig {
        train = train == null ? List.of() : List.copyOf(train);
        validation = validation == null ? List.of() : List.copyOf(validation);
        validationFraction = validationFraction == null ? DEFAULT_VALIDATION_FRACTION : validationFraction;
        tokenizer = tokenizer == null ? "" : tokenizer;
        cache = cache == null ? ".cache/tokens" : cache;
        badRows = badRows == null ? "fail" : badRows;
        loaderThreads = loaderThreads == null ? 1 : loaderThreads;
        prefetch = prefetch == null ? DEFAULT_PREFETCH : prefetch;
        tokenize = tokenize == null ? AHEAD : tokenize;
        format = format == null ? TEXT : format;
        weights = weights == null && format.equals(SEGMENTS) ? SegmentWeights.defaults() : weights;
    }

    /**
     * A section that loads batches as is usual.
     *
     * @param train training text
     * @param validation validation text
     * @param validationFraction share of documents held out
     * @param tokenizer model path
     * @param cache shard folder
     * @param badRows policy name
     */
    @SuppressWarnings("NullAway") // null asks the canonical constructor for the default
    public DataConfig(
            List<String> train,
            List<String> validation,
            Double validationFraction,
            String tokenizer,
            String cache,
            String badRows) {
        this(train, validation, validationFraction, tokenizer, cache, badRows, null, null, null, null, null);
    }

    /**
     * Judges the values alone: no file is touched, so that a configuration can be planned on another machine.
     *
     * @return for each wrong key, relative to this section, what is wrong and the remedy; empty when all is well
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        if (train.isEmpty()) {
            problems.put("train", "is missing; list files, folders or globs of .txt or .jsonl text");
        } else if (train.stream().anyMatch(String::isBlank)) {
            problems.put("train", "has an empty entry; remove it or name a file, folder or glob");
        }
        if (validation.stream().anyMatch(String::isBlank)) {
            problems.put("validation", "has an empty entry; remove it or name a file, folder or glob");
        }
        // Written so that NaN is refused as well.
        if (!(validationFraction > 0 && validationFraction < 1)) {
            problems.put(
                    "validationFraction",
                    "is " + validationFraction
                            + "; it must lie between 0 and 1, both excluded (a usual value is 0.05)");
        }
        if (tokenizer.isBlank()) {
            problems.put("tokenizer", "is missing; give the path of a SentencePiece .model file");
        }
        if (cache.isBlank()) {
            problems.put("cache", "is empty; name a folder for token shards or leave the key out");
        }
        boolean quarantines = badRows.equals(BadRows.QUARANTINE.label());
        if (!badRows.equals("fail") && !badRows.equals("skip") && !quarantines) {
            problems.put("badRows", "is \"" + badRows + "\"; use \"fail\", \"skip\" or \"quarantine\"");
        } else if (quarantines && (streams() || hasSegments())) {
            problems.put("badRows", "is \"quarantine\", which only text that is tokenised ahead has; use \"skip\"");
        }
        if (loaderThreads < 0) {
            problems.put("loaderThreads", "is " + loaderThreads + "; use 0 (the training thread) or more, such as 1");
        }
        if (prefetch < 1) {
            problems.put("prefetch", "is " + prefetch + "; it must be at least 1 (a usual value is 4)");
        }
        if (!tokenize.equals(AHEAD) && !tokenize.equals(STREAM)) {
            problems.put("tokenize", "is \"" + tokenize + "\"; use \"ahead\" or \"stream\"");
        }
        formatProblems(problems);
        return problems;
    }

    private void formatProblems(Map<String, String> problems) {
        if (!format.equals(TEXT) && !format.equals(SEGMENTS)) {
            problems.put("format", "is \"" + format + "\"; use \"text\" or \"segments\"");
        }
        if (hasSegments() && streams()) {
            problems.put("tokenize", "is \"stream\", but segments are packed ahead; leave it out");
        }
        if (weights == null) {
            return;
        }
        if (!hasSegments()) {
            problems.put("weights", "are for data.format segments; leave them out with \"" + format + "\"");
        }
        weights.problems().forEach((key, problem) -> problems.put("weights." + key, problem));
    }

    /** Whether rows are examples of several segments. */
    boolean hasSegments() {
        return format.equals(SEGMENTS);
    }

    /** The weights of {@code format: segments}. */
    SegmentWeights segmentWeights() {
        return Objects.requireNonNull(weights, "weights");
    }

    /** Whether text is tokenised on the way. */
    boolean streams() {
        return tokenize.equals(STREAM);
    }

    /** Throws if there are problems. */
    void requireValid() {
        if (!problems().isEmpty()) {
            throw InputException.configuration(problems().entrySet().stream()
                    .map(problem -> "data." + problem.getKey() + " " + problem.getValue())
                    .collect(Collectors.joining("\n")));
        }
    }
}
