package io.github.gptmoe.eval.lexical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.lexical.LexicalClassifier.Prior;
import io.github.gptmoe.eval.lexical.LexicalClassifier.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LexicalClassifierTest {
    private static final List<List<String>> SEEDS = List.of(List.of("p"), List.of("q"), List.of("r"));

    private static Settings rounds(int rounds) {
        return new Settings(rounds, 1, Prior.UNIFORM, 0, false);
    }

    /** Texts of the letters a to h, some with a seed word; what is common differs from seed to seed. */
    private static List<String> randomTexts(int count, long seed) {
        Random random = new Random(seed);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int topic = random.nextInt(3);
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < 8; j++) {
                text.append((char) ('a' + Math.min(random.nextInt(8), random.nextInt(4 + 2 * topic))));
            }
            texts.add(random.nextInt(3) == 0 ? text.append("pqr".charAt(topic)).toString() : text.toString());
        }
        return texts;
    }

    /**
     * Grams that occur twice: ab, bp, cd, dq: 2 each. V = 4, all = 8, so each has 1/4 of 4 imagined occurrences, 1. Label 0 has
     * ab 2, bp 2; label 1 cd 2, dq 2: p(ab | 0) = 3 / 8, p(ab | 1) = 1 / 8.
     */
    @Test
    void asComputedByHand() {
        LexicalClassifier classifier = LexicalClassifier.train(
                List.of("abp", "abp", "cdq", "cdq"), List.of(List.of("p"), List.of("q")), rounds(0));
        assertThat(classifier.probabilities("ab")).containsExactly(new double[] {0.75, 0.25}, within(1e-15));
        assertThat(classifier.probabilities("cdq")).containsExactly(new double[] {0.1, 0.9}, within(1e-15));
        assertThat(classifier.probabilities("")).containsExactly(0.5, 0.5);
        assertThat(classifier.probabilities("新")).containsExactly(0.5, 0.5);
        assertThat(classifier.predict("cd")).isEqualTo(1);
        assertThat(classifier.seededTexts()).containsExactly(2, 2);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, UNIFORM, 0, false",
        "1, 0.1, ESTIMATED, 0, false",
        "4, 0.5, UNIFORM, 0.8, false",
        "3, 2, ESTIMATED, 0.6, true"
    })
    void equalsItsFormulas(int rounds, double smoothing, Prior prior, double confidence, boolean unigrams) {
        Settings settings = new Settings(rounds, smoothing, prior, confidence, unigrams);
        List<String> texts = randomTexts(60, 7);
        SeedWords seeds = new SeedWords(SEEDS);
        List<double[]> shares = texts.stream().map(seeds::shares).toList();
        NaiveLexical naive = new NaiveLexical(texts, shares, settings);
        LexicalClassifier classifier = LexicalClassifier.train(texts, SEEDS, settings);
        for (String text : randomTexts(40, 8)) {
            assertThat(classifier.probabilities(text)).containsExactly(naive.probabilities(text), within(1e-9));
        }
    }

    @Test
    void theSameBitsEachTimeAndSumsOfOne() {
        List<String> texts = randomTexts(100, 1);
        LexicalClassifier first = LexicalClassifier.train(texts, SEEDS, Settings.standard());
        LexicalClassifier second = LexicalClassifier.train(texts, SEEDS, Settings.standard());
        for (String text : randomTexts(50, 2)) {
            double[] probabilities = first.probabilities(text);
            assertThat(probabilities).containsExactly(second.probabilities(text));
            assertThat(Arrays.stream(probabilities).sum()).isCloseTo(1, within(1e-12));
        }
    }

    /** "xy" never stands beside a seed word: only texts labelled in the first round connect it with one. */
    @Test
    void roundsReachTextsWithoutSeedWords() {
        List<String> texts = List.of("abp", "abp", "cdq", "cdq", "abxy", "abxy", "cdzw", "cdzw");
        List<List<String>> seeds = List.of(List.of("p"), List.of("q"));
        assertThat(LexicalClassifier.train(texts, seeds, rounds(0)).probabilities("xy"))
                .containsExactly(new double[] {0.5, 0.5}, within(1e-12));
        LexicalClassifier taught = LexicalClassifier.train(texts, seeds, rounds(2));
        assertThat(taught.probabilities("xy")[0]).isGreaterThan(0.65);
        assertThat(taught.probabilities("zw")[1]).isGreaterThan(0.65);
    }

    @Test
    void aTextBelowTheConfidenceTeachesNothing() {
        List<String> texts = List.of("abp", "abp", "cdq", "cdq", "abxy", "abxy", "cdzw", "cdzw");
        List<List<String>> seeds = List.of(List.of("p"), List.of("q"));
        Settings strict = new Settings(1, 1, Prior.UNIFORM, 0.99, false);
        assertThat(LexicalClassifier.train(texts, seeds, strict).probabilities("xy"))
                .containsExactly(new double[] {0.5, 0.5}, within(1e-12));
    }

    /** With Laplace's smoothing, a label without texts would draw in whatever is rare. */
    @Test
    void aLabelThatBeganWithNothingIsTheAverageText() {
        List<String> texts = new ArrayList<>(randomTexts(60, 3));
        LexicalClassifier classifier =
                LexicalClassifier.train(texts, List.of(List.of("p"), List.of("q"), List.of("nowhere")), rounds(0));
        assertThat(classifier.seededTexts()[2]).isZero();
        long drawn = texts.stream()
                .filter(text -> text.endsWith("p") || text.endsWith("q"))
                .filter(text -> classifier.predict(text) == 2)
                .count();
        assertThat(drawn).isZero();
    }

    @Test
    void anEstimatedPriorFollowsTheTexts() {
        List<String> texts = List.of("abp", "abp", "abp", "cdq");
        Settings estimated = new Settings(0, 1, Prior.ESTIMATED, 0, false);
        LexicalClassifier classifier = LexicalClassifier.train(texts, List.of(List.of("p"), List.of("q")), estimated);
        assertThat(classifier.probabilities("")).containsExactly(new double[] {4.0 / 6, 2.0 / 6}, within(1e-15));
    }

    @Test
    void badInput() {
        assertThatThrownBy(() -> LexicalClassifier.train(List.of("abc"), SEEDS, Settings.standard()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none of the 1 unlabelled texts has a seed word");
        assertThatThrownBy(() -> LexicalClassifier.train(List.of("p"), List.of(List.of("p")), Settings.standard()))
                .hasMessageContaining("two labels or more");
        assertThatThrownBy(() ->
                        LexicalClassifier.train(List.of("p"), List.of(List.of("p"), List.of(" ")), Settings.standard()))
                .hasMessageContaining("a seed word is blank");
        assertThatThrownBy(() -> new Settings(-1, 1, Prior.UNIFORM, 0, false)).hasMessageContaining("rounds");
        assertThatThrownBy(() -> new Settings(1, 0, Prior.UNIFORM, 0, false)).hasMessageContaining("smoothing");
        assertThatThrownBy(() -> new Settings(1, Double.NaN, Prior.UNIFORM, 0, false))
                .hasMessageContaining("smoothing");
        assertThatThrownBy(() -> new Settings(1, 1, Prior.UNIFORM, 1, false)).hasMessageContaining("confidence");
    }
}
