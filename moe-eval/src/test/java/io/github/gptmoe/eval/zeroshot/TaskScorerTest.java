package io.github.gptmoe.eval.zeroshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.data.task.ScoringPrompt;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.scoring.CandidatePrompt;
import io.github.gptmoe.eval.scoring.HierarchicalRanking.ClassScore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows to scores, against float64 loops over the same prompts. */
class TaskScorerTest {
    private static final Task TASK = Animals.task();
    private static final int[] CLASS_OF_LABEL = {0, 0, 1, 1};

    @TempDir
    static Path folder;

    private static TinyRun run;
    private static TrainedModel trained;
    private static List<TaskRow> rows;

    @BeforeAll
    static void open() throws IOException {
        run = TinyRun.create(folder.resolve("run"));
        trained = TrainedModel.open(run.folder(), Precision.FP32);
        rows = Animals.rows(Animals.write(folder.resolve("data")));
    }

    @AfterAll
    static void close() {
        trained.close();
    }

    private static ZeroShotSettings settings(String patterns, String rule, int keepClasses, boolean shared) {
        return new ZeroShotSettings(patterns, rule, keepClasses, ClassScore.WORDS, 0, 1, shared);
    }

    private static double[][] scores(ZeroShotSettings settings) {
        return new TaskScorer(trained, settings)
                .score(TASK, rows, List.of(), done -> {})
                .scores();
    }

    /** Log-probabilities of words behind (or inside) the first pattern of a set, by loops. */
    private static double[][] naive(String patterns, List<String> words) {
        PromptEncoder encoder = new PromptEncoder(
                TASK,
                TASK.patternSet(patterns).orElseThrow().patterns().get(0),
                trained.tokenizer(),
                trained.sequenceLength());
        return rows.stream()
                .map(row -> naive(encoder.scoring(row, List.of(), words)))
                .toArray(double[][]::new);
    }

    private static double[] naive(ScoringPrompt prompt) {
        return prompt.candidateIds().stream()
                .mapToDouble(label -> {
                    int[] text = IntStream.concat(IntStream.of(prompt.beforeIds()), IntStream.of(label))
                            .toArray();
                    double[][] logs = run.naive().logProbabilities(text);
                    double sum = 0;
                    for (int at = prompt.beforeIds().length; at < text.length; at++) {
                        sum += logs[at - 1][text[at]];
                    }
                    return sum;
                })
                .toArray();
    }

    private static List<String> labelWords() {
        return TASK.labels().stream().map(label -> label.name()).toList();
    }

    private static double[] normalised(double[] logs) {
        double sum = Math.log(Arrays.stream(logs).map(Math::exp).sum());
        return Arrays.stream(logs).map(log -> log - sum).toArray();
    }

    private static void assertClose(double[][] actual, double[][] expected) {
        assertThat(actual).hasDimensions(expected.length, expected[0].length);
        for (int row = 0; row < expected.length; row++) {
            assertThat(actual[row]).as("row " + row).containsExactly(expected[row], within(1e-4));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"article", "other"})
    void flatScoresAreTheLabelsLogProbabilities(String patterns) {
        assertClose(scores(settings(patterns, "likelihood", 0, true)), naive(patterns, labelWords()));
    }

    @Test
    void severalPatternsAreAveraged() {
        double[][] one = naive("article", labelWords());
        double[][] other = naive("other", labelWords());
        double[][] expected = new double[one.length][one[0].length];
        for (int row = 0; row < one.length; row++) {
            for (int label = 0; label < one[row].length; label++) {
                expected[row][label] = (normalised(one[row])[label] + normalised(other[row])[label]) / 2;
            }
        }
        assertClose(scores(settings("several", "likelihood", 0, true)), expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pmi", "content-free", "batch-calibration"})
    void aCalibrationTakesTheSameFromEachRow(String rule) {
        double[][] plain = naive("article", labelWords());
        double[][] calibrated = scores(settings("article", rule, 0, true));
        double[] first = taken(plain[0], calibrated[0]);
        assertThat(Arrays.stream(first).map(Math::abs).max().orElseThrow()).isGreaterThan(0.05);
        for (int row = 1; row < plain.length; row++) {
            assertThat(taken(plain[row], calibrated[row])).containsExactly(first, within(2e-4));
        }
    }

    /** What calibration took from each label, compared with the first. */
    private static double[] taken(double[] plain, double[] calibrated) {
        return IntStream.range(0, plain.length)
                .mapToDouble(label -> plain[label] - calibrated[label] - (plain[0] - calibrated[0]))
                .toArray();
    }

    @Test
    void batchCalibrationTakesTheMeanOverTheRows() {
        double[][] calibrated = scores(settings("article", "batch-calibration", 0, true));
        double[][] plain = naive("article", labelWords());
        double mean = Arrays.stream(plain)
                .mapToDouble(row -> Math.exp(normalised(row)[2]))
                .average()
                .orElseThrow();
        assertThat(calibrated[3][2]).isCloseTo(normalised(plain[3])[2] - Math.log(mean), within(1e-4));
    }

    @Test
    void hierarchicalRankingKeepsTheLabelsOfTheBestClass() {
        double[][] leaves = naive("article", labelWords());
        double[][] classes = naive("article", List.of("鸟", "水产"));
        double[][] expected = new double[leaves.length][leaves[0].length];
        for (int row = 0; row < leaves.length; row++) {
            int best = classes[row][0] >= classes[row][1] ? 0 : 1;
            for (int label = 0; label < CLASS_OF_LABEL.length; label++) {
                expected[row][label] = CLASS_OF_LABEL[label] == best ? leaves[row][label] : Double.NEGATIVE_INFINITY;
            }
        }
        double[][] ranked = scores(settings("article", "likelihood", 1, true));
        for (int row = 0; row < expected.length; row++) {
            for (int label = 0; label < CLASS_OF_LABEL.length; label++) {
                if (Double.isInfinite(expected[row][label])) {
                    assertThat(ranked[row][label]).isEqualTo(Double.NEGATIVE_INFINITY);
                } else {
                    assertThat(ranked[row][label]).isCloseTo(expected[row][label], within(1e-4));
                }
            }
        }
        assertClose(scores(settings("article", "likelihood", 2, true)), leaves);
    }

    @ParameterizedTest
    @CsvSource({
        "article, likelihood, 0",
        "article, perplexity, 0",
        "script, perplexity, 0",
        "several, tail-likelihood, 0",
        "several, content-free, 2",
        "several, pmi, 2",
        "script, tail-likelihood, 2"
    })
    void sharingChangesNothing(String patterns, String rule, int keepClasses) {
        assertClose(
                scores(settings(patterns, rule, keepClasses, true)),
                scores(settings(patterns, rule, keepClasses, false)));
    }

    @Test
    void classesMayBeScoredByTheirLabels() {
        double[][] leaves = naive("article", labelWords());
        double[][] ranked = scores(new ZeroShotSettings("article", "likelihood", 1, ClassScore.LABELS, 0, 1, true));
        for (int row = 0; row < leaves.length; row++) {
            double[] p = Arrays.stream(normalised(leaves[row])).map(Math::exp).toArray();
            int best = p[0] + p[1] >= p[2] + p[3] ? 0 : 1; // both classes have two labels
            for (int label = 0; label < p.length; label++) {
                assertThat(Double.isFinite(ranked[row][label])).isEqualTo(CLASS_OF_LABEL[label] == best);
            }
        }
    }

    @Test
    void noRowLosesAllItsLabelsWhereSeveralPatternsKeepDifferentClasses() {
        for (double[] row : scores(settings("several", "likelihood", 1, true))) {
            assertThat(Arrays.stream(row).filter(Double::isFinite).count()).isPositive();
        }
    }

    @Test
    void aRuleThatDoesNotLookAtTheTextIsRefused() {
        assertThatThrownBy(() -> scores(settings("script", "likelihood", 0, true)))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("script", "perplexity or tail-likelihood");
    }

    @Test
    void promptsAreThoseThatAreScored() {
        List<CandidatePrompt> prompts =
                new TaskScorer(trained, settings("several", "auto", 0, true)).prompts(TASK, rows, List.of());
        assertThat(prompts).hasSize(2 * rows.size());
        PromptEncoder second = new PromptEncoder(
                TASK,
                TASK.patternSet("other").orElseThrow().patterns().get(0),
                trained.tokenizer(),
                trained.sequenceLength());
        ScoringPrompt expected = second.scoring(rows.get(3), List.of());
        CandidatePrompt prompt = prompts.get(rows.size() + 3);
        assertThat(prompt.before()).isEqualTo(expected.beforeIds());
        assertThat(prompt.after()).isEqualTo(expected.afterIds());
        assertThat(prompt.candidates()).hasSize(4);
    }

    @Test
    void progressEndsWithAllRows() {
        List<Integer> heard = new ArrayList<>();
        TaskScores scores =
                new TaskScorer(trained, settings("several", "auto", 0, true)).score(TASK, rows, List.of(), heard::add);
        assertThat(heard).last().isEqualTo(rows.size());
        assertThat(scores.rule()).isEqualTo("likelihood");
        assertThat(scores.counts().cutPrompts()).isZero();
    }

    @Test
    void whatATaskLacksIsNamed() {
        assertThatThrownBy(() -> scores(settings("poem", "auto", 0, true)))
                .hasMessageContaining("animals")
                .hasMessageContaining("poem")
                .hasMessageContaining("several");
        assertThatThrownBy(() -> scores(settings("article", "guess", 0, true))).hasMessageContaining("guess");
    }
}
