package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceScorerTest {
    private static final int LONGEST = TinyRun.SEQUENCE_LENGTH + 1;

    @TempDir
    static Path folder;

    private static TinyRun run;
    private static TrainedModel trained;

    @BeforeAll
    static void open() {
        // With this capacity, training drops about half of the tokens: which, depends on the batch.
        run = TinyRun.create(folder, TinyRun.config(TinyRun.tokenizer(), 0.5), 1, 1, 11);
        trained = TrainedModel.open(folder, Precision.FP32);
    }

    @AfterAll
    static void close() {
        trained.close();
    }

    private static int[] ids(Random random, int length) {
        return random.ints(length, 0, 540).toArray();
    }

    private static void assertClose(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (Double.isNaN(expected[i])) {
                assertThat(actual[i]).isNaN();
            } else {
                assertThat(actual[i]).as("token %d", i).isCloseTo(expected[i], within(tolerance));
            }
        }
    }

    @Test
    void scoresAreThoseOfFloat64Loops() {
        int[] ids = ids(new Random(1), LONGEST);
        double[] scores = new SequenceScorer(trained).score(List.of(ids)).get(0);
        double[][] rows = run.naive().logProbabilities(Arrays.copyOf(ids, ids.length - 1));
        double[] expected = new double[ids.length];
        expected[0] = Double.NaN;
        for (int i = 1; i < ids.length; i++) {
            expected[i] = rows[i - 1][ids[i]];
        }
        assertClose(scores, expected, 2e-4);
    }

    @Test
    void neighboursAndPaddingDoNotChangeScores() {
        Random random = new Random(2);
        List<int[]> sequences = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            sequences.add(ids(random, random.nextInt(LONGEST + 1)));
        }
        SequenceScorer scorer = new SequenceScorer(trained);
        List<double[]> together = scorer.score(sequences);
        for (int i = 0; i < sequences.size(); i += 5) {
            assertClose(together.get(i), scorer.score(List.of(sequences.get(i))).get(0), 1e-5);
        }
    }

    @Test
    void laterTokensDoNotChangeScores() {
        int[] ids = ids(new Random(3), 20);
        SequenceScorer scorer = new SequenceScorer(trained);
        double[] whole = scorer.score(List.of(ids)).get(0);
        double[] beginning = scorer.score(List.of(Arrays.copyOf(ids, 9))).get(0);
        assertClose(beginning, Arrays.copyOf(whole, 9), 1e-5);
    }

    @Test
    void sumIsMinusTheLossOfTraining() {
        KernelModule.enter();
        int[] ids = ids(new Random(4), LONGEST);
        double sum = Arrays.stream(
                        new SequenceScorer(trained).score(List.of(ids)).get(0))
                .skip(1)
                .sum();
        try (NDManager scope = trained.manager().newSubManager()) {
            Shape shape = new Shape(1, LONGEST - 1);
            NDArray inputs = scope.create(
                    IntStream.range(0, LONGEST - 1).mapToLong(i -> ids[i]).toArray(), shape);
            NDArray targets = scope.create(
                    IntStream.range(1, LONGEST).mapToLong(i -> ids[i]).toArray(), shape);
            StageContext context = StageContext.evaluation(scope, Precision.FP32);
            NDArray xBLD = trained.model().hidden(trained.weights(), inputs, context, (block, output) -> {});
            float[] losses = trained.model()
                    .head()
                    .tokenLosses(trained.weights(), xBLD, targets, context, 5)
                    .toFloatArray();
            double loss = 0;
            for (float value : losses) {
                loss += value;
            }
            assertThat(sum).isCloseTo(-loss, within(1e-4));
        }
    }

    @Test
    void windowsScoreEveryTokenOnceWithAtLeastHalfTheContext() {
        for (int length = 0; length < 5 * TinyRun.SEQUENCE_LENGTH; length++) {
            int next = 1;
            for (ScoreWindow window : ScoreWindow.cover(0, length, TinyRun.SEQUENCE_LENGTH)) {
                assertThat(window.firstScored()).isEqualTo(next);
                assertThat(window.positions()).isBetween(1, TinyRun.SEQUENCE_LENGTH);
                if (window.firstScored() > 1) {
                    assertThat(window.firstScored() - window.start())
                            .isGreaterThanOrEqualTo(TinyRun.SEQUENCE_LENGTH / 2);
                }
                next = window.end();
            }
            assertThat(next).isEqualTo(Math.max(1, length));
        }
        assertThat(ScoreWindow.cover(0, 4, 1)).hasSize(3);
    }

    @Test
    void longTextsAreScoredInWindowsOnRequest() {
        int[] ids = ids(new Random(5), 3 * LONGEST);
        double[] scores = new SequenceScorer(trained, LongTexts.WINDOW)
                .score(List.of(ids))
                .get(0);
        SequenceScorer strict = new SequenceScorer(trained);
        assertClose(
                Arrays.copyOf(scores, LONGEST),
                strict.score(List.of(Arrays.copyOf(ids, LONGEST))).get(0),
                1e-5);
        int start = LONGEST - TinyRun.SEQUENCE_LENGTH / 2;
        double[] second = strict.score(List.of(Arrays.copyOfRange(ids, start, start + LONGEST)))
                .get(0);
        assertThat(scores[LONGEST]).isCloseTo(second[LONGEST - start], within(1e-5));
        assertThatThrownBy(() -> strict.score(List.of(ids)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("75 tokens")
                .hasMessageContaining("at most 25")
                .hasMessageContaining("--window");
    }

    @Test
    void textBecomesTheDocumentedJson() throws Exception {
        ScoredText scored = new SequenceScorer(trained).score("a small test");
        JsonNode json = new ObjectMapper().readTree(new ObjectMapper().writeValueAsString(scored));
        assertThat(json.fieldNames()).toIterable().containsExactly("tokens", "ids", "logProbabilities");
        assertThat(json.get("logProbabilities").get(0).isNull()).isTrue();
        assertThat(scored.logProbabilities().subList(1, scored.ids().size())).allMatch(score -> score < 0);
        assertThat(String.join("", scored.tokens())).isEqualTo("a small test".replace(' ', '\u2581'));
        assertThat(scored.perplexity())
                .isCloseTo(Math.exp(-scored.sum() / (scored.ids().size() - 1)), within(1e-9));
    }

    @Test
    void shortTextsHaveNothingToScore() {
        SequenceScorer scorer = new SequenceScorer(trained);
        assertThat(scorer.score("").ids()).isEmpty();
        assertThat(scorer.score(List.of(new int[] {5})).get(0)).containsExactly(Double.NaN);
        assertThat(scorer.score(List.of())).isEmpty();
        assertThatThrownBy(() -> scorer.score(List.of(new int[] {1, 544})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("544");
    }

    @Test
    void nothingStaysAllocated() {
        SequenceScorer scorer = new SequenceScorer(trained);
        scorer.score("warm up");
        int arrays = trained.manager().getManagedArrays().size();
        for (int i = 0; i < 5; i++) {
            scorer.score("some text");
        }
        assertThat(trained.manager().getManagedArrays()).hasSize(arrays);
    }
}
