package io.github.gptmoe.eval.scoring;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.train.report.Median;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Times the ways to score the same prompts, in one process and in alternation: one forward for each (text, candidate), the
 * same side by side, and shared beginnings. Medians over the rounds count. Before them, the shared way runs once over all
 * prompts and the others over the first one, untimed, in which the virtual machine compiles and the allocator warms up.
 */
public final class ScoringBenchmark {
    private static final String ONE_BY_ONE = "one-by-one";
    private static final String BATCHED = "batched";
    private static final String SHARED = "shared";

    private ScoringBenchmark() {}

    /**
     * What to measure.
     *
     * @param parts how much of the texts is scored
     * @param rounds times that each way is timed
     * @param oneByOne whether the slowest way is timed, too; without it {@code batched} is compared with
     */
    public record Settings(ScoreParts parts, int rounds, boolean oneByOne) {
        /**
         * Checks the number.
         *
         * @param parts as above
         * @param rounds as above
         * @param oneByOne as above
         */
        public Settings {
            if (rounds < 1) {
                throw new IllegalArgumentException("there must be at least 1 round, not " + rounds);
            }
        }
    }

    /**
     * One way to score.
     *
     * @param name {@code one-by-one}, {@code batched} or {@code shared}
     * @param seconds median time for all prompts
     * @param promptsPerSecond prompts over that time
     * @param slowerThanShared its time over that of {@code shared}
     * @param largestDifference of any log-probability from that of the first way in the list, in nats
     */
    public record Row(
            @JsonProperty("name") String name,
            @JsonProperty("seconds") double seconds,
            @JsonProperty("prompts_per_second") double promptsPerSecond,
            @JsonProperty("slower_than_shared") double slowerThanShared,
            @JsonProperty("largest_difference") double largestDifference) {}

    /**
     * The result.
     *
     * @param params total parameters
     * @param precision fp32, bf16 or fp16
     * @param prompts number of prompts
     * @param candidates mean number of candidates of a prompt
     * @param beforeTokens mean number of tokens before the candidates
     * @param parts label, tail or text
     * @param rounds times that each way was timed
     * @param results one entry for each way
     */
    public record Result(
            @JsonProperty("params") long params,
            @JsonProperty("precision") String precision,
            @JsonProperty("prompts") int prompts,
            @JsonProperty("candidates") double candidates,
            @JsonProperty("before_tokens") double beforeTokens,
            @JsonProperty("parts") String parts,
            @JsonProperty("rounds") int rounds,
            @JsonProperty("results") List<Row> results) {
        /**
         * Copies the list.
         *
         * @param params as above
         * @param precision as above
         * @param prompts as above
         * @param candidates as above
         * @param beforeTokens as above
         * @param parts as above
         * @param rounds as above
         * @param results as above
         */
        public Result {
            results = List.copyOf(results);
        }
    }

    /**
     * Measures.
     *
     * @param trained the model
     * @param prompts what to score, at least one
     * @param settings how
     * @param progress told of every round and way
     * @return the result
     */
    public static Result run(
            TrainedModel trained, List<CandidatePrompt> prompts, Settings settings, Consumer<String> progress) {
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException("there is no prompt to time");
        }
        KernelModule.enter();
        List<Timed> ways = ways(trained, settings);
        progress.accept("warming up");
        for (Timed way : ways) {
            way.scorer.score(way.name.equals(SHARED) ? prompts : prompts.subList(0, 1), settings.parts);
        }
        for (int round = 0; round < settings.rounds; round++) {
            for (Timed way : ways) {
                progress.accept("round " + (round + 1) + " of " + settings.rounds + ", " + way.name);
                way.run(prompts, settings.parts, round);
            }
        }
        return result(trained, prompts, settings, ways);
    }

    /** A way with its times, and the scores of its last run. */
    private static final class Timed {
        private final String name;
        private final CandidateScorer scorer;
        private final double[] seconds;
        private List<List<CandidateScore>> scores = List.of();

        Timed(String name, CandidateScorer scorer, int rounds) {
            this.name = name;
            this.scorer = scorer;
            seconds = new double[rounds];
        }

        void run(List<CandidatePrompt> prompts, ScoreParts parts, int round) {
            long start = System.nanoTime();
            scores = scorer.score(prompts, parts);
            seconds[round] = (System.nanoTime() - start) / 1e9;
        }

        double median() {
            return Median.of(seconds);
        }
    }

    /** The reference first, the shared way last. */
    private static List<Timed> ways(TrainedModel trained, Settings settings) {
        List<Timed> ways = new ArrayList<>();
        if (settings.oneByOne) {
            ways.add(new Timed(ONE_BY_ONE, CandidateScorer.oneByOne(trained), settings.rounds));
        }
        ways.add(new Timed(BATCHED, CandidateScorer.naive(trained), settings.rounds));
        ways.add(new Timed(SHARED, CandidateScorer.shared(trained), settings.rounds));
        return ways;
    }

    private static Result result(
            TrainedModel trained, List<CandidatePrompt> prompts, Settings settings, List<Timed> ways) {
        double shared = ways.get(ways.size() - 1).median();
        List<List<CandidateScore>> reference = ways.get(0).scores;
        return new Result(
                trained.model().parameterCount(),
                trained.precision().name().toLowerCase(Locale.ROOT),
                prompts.size(),
                prompts.stream().mapToInt(p -> p.candidates().size()).average().orElse(0),
                prompts.stream().mapToInt(p -> p.before().length).average().orElse(0),
                settings.parts.name().toLowerCase(Locale.ROOT),
                settings.rounds,
                ways.stream()
                        .map(way -> new Row(
                                way.name,
                                way.median(),
                                prompts.size() / way.median(),
                                way.median() / shared,
                                largestDifference(reference, way.scores)))
                        .toList());
    }

    /** Parts that were not asked for are NaN in both, and differ by nothing. */
    static double largestDifference(List<List<CandidateScore>> some, List<List<CandidateScore>> others) {
        double largest = 0;
        for (int prompt = 0; prompt < some.size(); prompt++) {
            for (int candidate = 0; candidate < some.get(prompt).size(); candidate++) {
                CandidateScore one = some.get(prompt).get(candidate);
                CandidateScore other = others.get(prompt).get(candidate);
                largest = Math.max(largest, difference(one.labelLogProbability(), other.labelLogProbability()));
                largest = Math.max(largest, difference(one.tailLogProbability(), other.tailLogProbability()));
                largest = Math.max(largest, difference(one.textLogProbability(), other.textLogProbability()));
            }
        }
        return largest;
    }

    private static double difference(double one, double other) {
        return Double.isNaN(one) && Double.isNaN(other) ? 0 : Math.abs(one - other);
    }
}
