package io.github.gptmoe.eval.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.data.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule against numbers worked out by hand, and by what it is for. */
class ScoringRulesTest {
    private static ScoringRule rule(String name) {
        return ScoringRules.of(name, "none");
    }

    /** A row of label probabilities, one token each. */
    private static List<CandidateScore> row(double... probabilities) {
        return DoubleStream.of(probabilities)
                .mapToObj(p -> CandidateScore.ofLabel(Math.log(p), 1))
                .toList();
    }

    private static void assertScores(double[] scores, double... expected) {
        assertThat(scores).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(scores[i]).isCloseTo(expected[i], within(1e-12));
        }
    }

    private static int best(double[] scores) {
        return IntStream.range(0, scores.length).reduce(0, (a, b) -> scores[b] > scores[a] ? b : a);
    }

    @Test
    void rulesThatLookAtOneCandidate() {
        ScoredRows rows = ScoredRows.of(List.of(List.of(
                        new CandidateScore(-6, 3, -16, 8, -40, 20), new CandidateScore(-5, 1, -18, 6, -36, 15))))
                .withCharacters(List.of(List.of(2, 4)));
        assertScores(rule("likelihood").score(rows)[0], -6, -5);
        assertScores(rule("likelihood-per-token").score(rows)[0], -2, -5);
        assertScores(rule("likelihood-per-character").score(rows)[0], -3, -1.25);
        assertScores(rule("tail-likelihood").score(rows)[0], -16, -18);
        assertScores(rule("perplexity").score(rows)[0], -2, -2.4);
    }

    @Test
    void rulesSayWhatTheyNeedAndNoMore() {
        assertThat(ScoringRules.names())
                .containsExactly(
                        "likelihood",
                        "likelihood-per-token",
                        "likelihood-per-character",
                        "perplexity",
                        "tail-likelihood",
                        "content-free",
                        "batch-calibration",
                        "pmi")
                .doesNotHaveDuplicates();
        for (String name : ScoringRules.names()) {
            ScoringRule rule = rule(name);
            assertThat(rule.name()).isEqualTo(name);
            assertThat(rule.parts())
                    .isEqualTo(
                            switch (name) {
                                case "perplexity" -> ScoreParts.TEXT;
                                case "tail-likelihood" -> ScoreParts.TAIL;
                                default -> ScoreParts.LABEL;
                            });
            assertThat(rule.needs())
                    .isEqualTo(
                            switch (name) {
                                case "likelihood-per-character" -> Set.of(ScoringRule.Need.CHARACTERS);
                                case "content-free" -> Set.of(ScoringRule.Need.CONTENT_FREE);
                                case "pmi" -> Set.of(ScoringRule.Need.PREMISE);
                                default -> Set.of();
                            });
        }
    }

    /** Labels of 0.5, 0.2 where 0.7 is left to other words; without content 2 : 1 and 1 : 1. */
    @Test
    void contentFreeCalibrationDividesAndNormalises() {
        ScoredRows rows = ScoredRows.of(List.of(row(0.5, 0.2), row(0.01, 0.03)))
                .withContentFree(List.of(row(0.2, 0.1), row(0.3, 0.3)));
        double[][] scores = rule("content-free").score(rows);
        double prior0 = (2.0 / 3 + 0.5) / 2;
        double prior1 = (1.0 / 3 + 0.5) / 2;
        double q0 = 5.0 / 7 / prior0;
        double q1 = 2.0 / 7 / prior1;
        assertScores(scores[0], Math.log(q0 / (q0 + q1)), Math.log(q1 / (q0 + q1)));
        for (double[] row : scores) {
            assertThat(Arrays.stream(row).map(Math::exp).sum()).isCloseTo(1, within(1e-12));
        }
        // What the model says of the text is what it says of no content: nothing is known.
        assertScores(
                rule("content-free")
                        .score(ScoredRows.of(List.of(row(0.2, 0.1))).withContentFree(List.of(row(0.4, 0.2))))[0],
                Math.log(0.5),
                Math.log(0.5));
    }

    @Test
    void batchCalibrationGivesEveryLabelTheSameMean() {
        Random random = new Random(1);
        List<List<CandidateScore>> rows = IntStream.range(0, 50)
                .mapToObj(i -> row(random.nextDouble() + 3, random.nextDouble(), random.nextDouble() + 0.1))
                .toList();
        double[][] scores = rule("batch-calibration").score(ScoredRows.of(rows));
        for (int candidate = 0; candidate < 3; candidate++) {
            int of = candidate;
            assertThat(Arrays.stream(scores)
                            .mapToDouble(row -> Math.exp(row[of]))
                            .average()
                            .orElseThrow())
                    .isCloseTo(1, within(1e-12));
        }
        assertThat(Arrays.stream(scores)
                        .mapToInt(ScoringRulesTest::best)
                        .distinct()
                        .count())
                .as("labels chosen, where the first was always the likeliest")
                .isEqualTo(3);
        assertThat(rows)
                .allMatch(row -> best(row.stream()
                                .mapToDouble(CandidateScore::labelLogProbability)
                                .toArray())
                        == 0);
    }

    /** Shares 0.8 and 0.2, then 0.6 and 0.4: means 0.7 and 0.3. */
    @Test
    void batchCalibrationByHand() {
        double[][] scores = rule("batch-calibration").score(ScoredRows.of(List.of(row(0.08, 0.02), row(0.3, 0.2))));
        assertScores(scores[0], Math.log(0.8 / 0.7), Math.log(0.2 / 0.3));
        assertScores(scores[1], Math.log(0.6 / 0.7), Math.log(0.4 / 0.3));
        assertThat(rule("batch-calibration").score(ScoredRows.of(List.of()))).isEmpty();
    }

    @Test
    void mutualInformationSubtractsThePremise() {
        ScoredRows rows = ScoredRows.of(List.of(row(0.5, 0.2))).withPremise(row(0.25, 0.02));
        assertScores(rule("pmi").score(rows)[0], Math.log(2), Math.log(10));
    }

    /** A constant for all labels of a text, such as a text that predicts none of them, changes no choice. */
    @ParameterizedTest
    @ValueSource(strings = {"likelihood", "content-free", "batch-calibration", "pmi"})
    void aConstantForAllCandidatesChangesNoChoice(String name) {
        Random random = new Random(2);
        List<List<CandidateScore>> rows = IntStream.range(0, 20)
                .mapToObj(i -> row(random.nextDouble(), random.nextDouble(), random.nextDouble()))
                .toList();
        List<List<CandidateScore>> shifted = IntStream.range(0, rows.size())
                .mapToObj(i -> rows.get(i).stream()
                        .map(score -> CandidateScore.ofLabel(score.labelLogProbability() - 30 * i, 1))
                        .toList())
                .toList();
        assertThat(choices(name, shifted)).isEqualTo(choices(name, rows));
    }

    private static int[] choices(String name, List<List<CandidateScore>> rows) {
        ScoredRows all =
                ScoredRows.of(rows).withContentFree(List.of(row(0.1, 0.2, 0.3))).withPremise(row(0.3, 0.2, 0.1));
        return Arrays.stream(rule(name).score(all))
                .mapToInt(ScoringRulesTest::best)
                .toArray();
    }

    @Test
    void whatIsMissingIsNamed() {
        ScoredRows bare = ScoredRows.of(List.of(row(0.1, 0.2)));
        for (String name :
                List.of("likelihood-per-character", "content-free", "pmi", "perplexity", "tail-likelihood")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rule(name).score(bare))
                    .withMessageContaining("rule " + name + " needs");
        }
        ScoredRows ragged = ScoredRows.of(List.of(row(0.1, 0.2), row(0.1, 0.2, 0.3)))
                .withCharacters(List.of(List.of(1, 1), List.of(1, 1)))
                .withContentFree(List.of(row(0.1, 0.2)))
                .withPremise(row(0.1, 0.2));
        for (String name : List.of("likelihood-per-character", "content-free", "pmi", "batch-calibration")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rule(name).score(ragged))
                    .withMessageContaining("row 1 has 3 candidates where 2 are expected");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        rule("content-free").score(bare.withContentFree(List.of(row(0.1, 0.2), row(0.1, 0.2, 0.3)))))
                .withMessageContaining("differ in their candidates");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule("likelihood-per-character").score(bare.withCharacters(List.of(List.of(1, 0)))))
                .withMessageContaining("label 1 has 0 characters");
    }

    @Test
    void autoIsTheRuleOfTheTask() {
        assertThat(ScoringRules.of("auto", "pmi").name()).isEqualTo("pmi");
        assertThat(ScoringRules.of("likelihood", "pmi").name()).isEqualTo("likelihood");
        assertThatThrownBy(() -> ScoringRules.of("best", "pmi"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("'best'")
                .hasMessageContaining("auto or one of likelihood, ");
    }

    @Test
    void patternsAreAveragedAsLogProbabilities() {
        double[][] means = PatternAverage.of(List.of(
                new double[][] {{Math.log(0.8) - 5, Math.log(0.2) - 5}},
                new double[][] {{Math.log(0.3) + 2, Math.log(0.7) + 2}}));
        assertScores(means[0], Math.log(0.8 * 0.3) / 2, Math.log(0.2 * 0.7) / 2);
        double[][] single = {{-3, -1, -2}};
        assertThat(best(PatternAverage.of(List.<double[][]>of(single))[0])).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> PatternAverage.of(List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PatternAverage.of(List.of(single, new double[][] {{1, 2}})))
                .withMessageContaining("row 0 has 3 candidates");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PatternAverage.of(List.of(single, new double[][] {{1, 2, 3}, {1, 2, 3}})))
                .withMessageContaining("one pattern has 1 rows, another 2");
    }
}
