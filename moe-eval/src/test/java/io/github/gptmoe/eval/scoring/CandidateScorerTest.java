package io.github.gptmoe.eval.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.TrainedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The ways to score against each other and against float64 loops, on a model with experts. */
class CandidateScorerTest {
    private static final int VOCABULARY = 544;

    @TempDir
    static Path folder;

    private static TinyRun run;
    private static TrainedModel trained;

    @BeforeAll
    static void open() {
        run = TinyRun.create(folder);
        trained = TrainedModel.open(folder, Precision.FP32);
    }

    @AfterAll
    static void close() {
        trained.close();
    }

    private static int[] ids(Random random, int length) {
        return random.ints(length, 0, VOCABULARY).toArray();
    }

    /** Few different ids in the candidates, so that beginnings are equal and some candidates lie within others. */
    private static List<CandidatePrompt> prompts(long seed, int count) {
        Random random = new Random(seed);
        List<CandidatePrompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<int[]> candidates = new ArrayList<>();
            for (int c = 1 + random.nextInt(9); c > 0; c--) {
                candidates.add(random.ints(1 + random.nextInt(4), 300, 303).toArray());
            }
            int before = 1 + random.nextInt(18);
            prompts.add(new CandidatePrompt(ids(random, before), candidates, ids(random, random.nextInt(22 - before))));
        }
        return prompts;
    }

    private static void assertEqual(
            List<List<CandidateScore>> actual, List<List<CandidateScore>> expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).hasSameSizeAs(expected.get(i));
            for (int c = 0; c < expected.get(i).size(); c++) {
                CandidateScore one = actual.get(i).get(c);
                CandidateScore other = expected.get(i).get(c);
                String what = "prompt " + i + ", candidate " + c;
                assertClose(what + " label", one.labelLogProbability(), other.labelLogProbability(), tolerance);
                assertClose(what + " tail", one.tailLogProbability(), other.tailLogProbability(), tolerance);
                assertClose(what + " text", one.textLogProbability(), other.textLogProbability(), tolerance);
                assertThat(one.labelTokens()).isEqualTo(other.labelTokens());
                assertThat(one.tailTokens()).isEqualTo(other.tailTokens());
                assertThat(one.textTokens()).isEqualTo(other.textTokens());
            }
        }
    }

    private static void assertClose(String what, double actual, double expected, double tolerance) {
        if (Double.isNaN(expected)) {
            assertThat(actual).as(what).isNaN();
        } else {
            assertThat(actual).as(what).isCloseTo(expected, within(tolerance));
        }
    }

    @ParameterizedTest
    @EnumSource(ScoreParts.class)
    void allWaysGiveEqualScores(ScoreParts parts) {
        List<CandidatePrompt> prompts = prompts(1, 60);
        List<List<CandidateScore>> naive = CandidateScorer.naive(trained).score(prompts, parts);
        assertEqual(CandidateScorer.shared(trained).score(prompts, parts), naive, 1e-4);
        assertEqual(CandidateScorer.oneByOne(trained).score(prompts.subList(0, 7), parts), naive.subList(0, 7), 1e-4);
    }

    @Test
    void scoresAreThoseOfFloat64Loops() {
        List<CandidatePrompt> prompts = prompts(2, 4);
        List<List<CandidateScore>> scores = CandidateScorer.shared(trained).score(prompts, ScoreParts.TEXT);
        for (int i = 0; i < prompts.size(); i++) {
            CandidatePrompt prompt = prompts.get(i);
            for (int c = 0; c < prompt.candidates().size(); c++) {
                int[] label = prompt.candidates().get(c);
                int[] text = IntStream.concat(
                                IntStream.concat(IntStream.of(prompt.before()), IntStream.of(label)),
                                IntStream.of(prompt.after()))
                        .toArray();
                double[][] rows = run.naive().logProbabilities(text);
                int begin = prompt.before().length;
                int end = begin + label.length;
                CandidateScore score = scores.get(i).get(c);
                assertClose("label", score.labelLogProbability(), sum(rows, text, begin, end), 5e-4);
                assertClose("tail", score.tailLogProbability(), sum(rows, text, begin, text.length), 5e-4);
                assertClose("text", score.textLogProbability(), sum(rows, text, 1, text.length), 5e-4);
                assertThat(score.labelTokens()).isEqualTo(label.length);
                assertThat(score.tailTokens()).isEqualTo(text.length - begin);
                assertThat(score.textTokens()).isEqualTo(text.length - 1);
            }
        }
    }

    private static double sum(double[][] rows, int[] text, int from, int to) {
        return IntStream.range(from, to).mapToDouble(t -> rows[t - 1][text[t]]).sum();
    }

    /**
     * Both ways round to the precision at the same places but sum in different orders, so now and then one is off by a unit
     * in the last place: of a label of up to 4 tokens, and in BF16 2^-8 of logits of size 10 each.
     */
    @ParameterizedTest
    @CsvSource({"BF16, 0.2", "FP16, 0.03"})
    void lowPrecisionDiffersByItsRounding(Precision precision, double tolerance) {
        List<CandidatePrompt> prompts = prompts(3, 40);
        try (TrainedModel low = TrainedModel.open(folder, precision)) {
            assertEqual(
                    CandidateScorer.shared(low).score(prompts, ScoreParts.LABEL),
                    CandidateScorer.naive(low).score(prompts, ScoreParts.LABEL),
                    tolerance);
        }
    }

    /** Short before the label, long behind it: a tree for all would be mostly pairs that do not see each other. */
    @Test
    void longTextsBehindTheLabelAreNotBranched() {
        Random random = new Random(4);
        List<int[]> candidates =
                IntStream.range(0, 8).mapToObj(c -> ids(random, 2)).toList();
        CandidatePrompt prompt = new CandidatePrompt(ids(random, 3), candidates, ids(random, 18));
        assertThat(TreeSplit.cheapest(3, prompt.branches(ScoreParts.TEXT), 16, 4096))
                .hasSizeGreaterThan(1);
        assertEqual(
                CandidateScorer.shared(trained).score(List.of(prompt), ScoreParts.TEXT),
                CandidateScorer.naive(trained).score(List.of(prompt), ScoreParts.TEXT),
                1e-4);
    }

    @Test
    void aLabelIsScoredWithoutWhatStandsBehindIt() {
        int[] before = {5, 6};
        List<int[]> candidates = List.of(new int[] {7}, new int[] {7, 8}, new int[] {9});
        CandidateScorer scorer = CandidateScorer.shared(trained);
        assertThat(scorer.score(
                        List.of(new CandidatePrompt(before, candidates, new int[] {1, 2, 3})), ScoreParts.LABEL))
                .isEqualTo(
                        scorer.score(List.of(new CandidatePrompt(before, candidates, new int[0])), ScoreParts.LABEL));
    }

    @Test
    void neighboursDoNotChangeScores() {
        List<CandidatePrompt> prompts = prompts(5, 30);
        CandidateScorer scorer = CandidateScorer.shared(trained);
        List<List<CandidateScore>> together = scorer.score(prompts, ScoreParts.TAIL);
        for (int i = 0; i < prompts.size(); i += 7) {
            assertEqual(together.subList(i, i + 1), scorer.score(List.of(prompts.get(i)), ScoreParts.TAIL), 1e-5);
        }
        assertThat(scorer.score(prompts, ScoreParts.TAIL)).as("same bits").isEqualTo(together);
        assertThat(scorer.score(List.of(), ScoreParts.TEXT)).isEmpty();
    }

    @Test
    void equalCandidatesGetEqualScores() {
        CandidatePrompt prompt =
                new CandidatePrompt(new int[] {4, 5}, List.of(new int[] {6, 7}, new int[] {6, 7}), new int[] {8});
        List<CandidateScore> scores = CandidateScorer.shared(trained)
                .score(List.of(prompt), ScoreParts.TEXT)
                .get(0);
        assertThat(scores.get(0)).isEqualTo(scores.get(1));
    }

    @Test
    void whatCannotBeScoredIsNamed() {
        int[] longest = ids(new Random(6), TinyRun.SEQUENCE_LENGTH);
        CandidatePrompt fits = new CandidatePrompt(longest, List.of(new int[] {1}), new int[] {2});
        CandidatePrompt tooLong = new CandidatePrompt(longest, List.of(new int[] {1}, new int[] {1, 2}), new int[0]);
        CandidatePrompt unknown = new CandidatePrompt(new int[] {1}, List.of(new int[] {544}), new int[0]);
        for (CandidateScorer scorer : List.of(CandidateScorer.shared(trained), CandidateScorer.naive(trained))) {
            assertThat(scorer.score(List.of(fits), ScoreParts.LABEL)).hasSize(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scorer.score(List.of(fits), ScoreParts.TAIL))
                    .withMessageContaining("prompt 0 takes 25 positions and the model has 24");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scorer.score(List.of(fits, tooLong), ScoreParts.LABEL))
                    .withMessageContaining("prompt 1 takes 25 positions");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scorer.score(List.of(fits, unknown), ScoreParts.LABEL))
                    .withMessageContaining("prompt 1: id 544");
        }
        int[] one = {1};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CandidatePrompt(one, List.of(one, new int[0]), one))
                .withMessageContaining("candidate 1 has no tokens");
        assertThatIllegalArgumentException().isThrownBy(() -> new CandidatePrompt(one, List.of(), one));
        assertThatIllegalArgumentException().isThrownBy(() -> new CandidatePrompt(new int[0], List.of(one), one));
    }

    @Test
    void nothingStaysAllocated() {
        CandidateScorer scorer = CandidateScorer.shared(trained);
        List<CandidatePrompt> prompts = prompts(7, 5);
        scorer.score(prompts, ScoreParts.TEXT);
        int arrays = trained.manager().getManagedArrays().size();
        for (int i = 0; i < 5; i++) {
            scorer.score(prompts, ScoreParts.TEXT);
        }
        assertThat(trained.manager().getManagedArrays()).hasSize(arrays);
    }

    @Test
    void theBenchmarkComparesAllWays() {
        List<CandidatePrompt> prompts = prompts(8, 3);
        List<String> progress = new ArrayList<>();
        ScoringBenchmark.Result result = ScoringBenchmark.run(
                trained, prompts, new ScoringBenchmark.Settings(ScoreParts.TEXT, 2, true), progress::add);
        assertThat(progress)
                .containsExactly(
                        "warming up",
                        "round 1 of 2, one-by-one",
                        "round 1 of 2, batched",
                        "round 1 of 2, shared",
                        "round 2 of 2, one-by-one",
                        "round 2 of 2, batched",
                        "round 2 of 2, shared");
        assertThat(result.prompts()).isEqualTo(3);
        assertThat(result.parts()).isEqualTo("text");
        assertThat(result.precision()).isEqualTo("fp32");
        assertThat(result.results())
                .extracting(ScoringBenchmark.Row::name)
                .containsExactly("one-by-one", "batched", "shared");
        for (ScoringBenchmark.Row row : result.results()) {
            assertThat(row.seconds()).isPositive();
            assertThat(row.promptsPerSecond() * row.seconds()).isCloseTo(3, within(1e-9));
            assertThat(row.largestDifference()).isLessThan(1e-4);
        }
        assertThat(result.results().get(2).slowerThanShared()).isEqualTo(1);
        assertThat(ScoringBenchmark.run(
                                trained,
                                prompts,
                                new ScoringBenchmark.Settings(ScoreParts.LABEL, 1, false),
                                progress::add)
                        .results())
                .hasSize(2);
        List<List<CandidateScore>> some = List.of(List.of(CandidateScore.ofLabel(-1, 1)));
        List<List<CandidateScore>> others = List.of(List.of(CandidateScore.ofLabel(-3.5, 1)));
        assertThat(ScoringBenchmark.largestDifference(some, others)).isEqualTo(2.5);
        assertThatIllegalArgumentException().isThrownBy(() -> new ScoringBenchmark.Settings(ScoreParts.LABEL, 0, true));
    }
}
