package io.github.gptmoe.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MinHashTest {
    private static final int SHINGLE = 5;

    /** Characters drawn from a few hundred, so that texts are like Chinese ones. */
    private static String draw(SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('一' + random.nextInt(600)));
        }
        return text.toString();
    }

    /** A text with some characters replaced. */
    private static String edit(SplittableRandom random, String text, double rate) {
        StringBuilder edited = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            if (random.nextDouble() < rate) {
                edited.setCharAt(i, (char) ('一' + random.nextInt(600)));
            }
        }
        return edited.toString();
    }

    private static double naiveJaccard(String one, String other) {
        Set<String> a = naiveShingles(one);
        Set<String> b = naiveShingles(other);
        Set<String> union = new HashSet<>(a);
        union.addAll(b);
        a.retainAll(b);
        return union.isEmpty() ? 0 : (double) a.size() / union.size();
    }

    private static Set<String> naiveShingles(String text) {
        Set<String> shingles = new HashSet<>();
        if (!text.isEmpty() && text.length() < SHINGLE) {
            shingles.add(text);
        }
        for (int i = 0; i + SHINGLE <= text.length(); i++) {
            shingles.add(text.substring(i, i + SHINGLE));
        }
        return shingles;
    }

    private static long[] shingles(String text) {
        return Shingles.distinct(MatchText.of(text), SHINGLE);
    }

    @Test
    void similarityEqualsThatOfANaiveLoop() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            String one = draw(random, random.nextInt(200));
            String other = random.nextBoolean() ? draw(random, random.nextInt(200)) : edit(random, one, 0.05);
            assertThat(Shingles.jaccard(shingles(one), shingles(other))).isEqualTo(naiveJaccard(one, other));
        }
        assertThat(Shingles.jaccard(shingles(""), shingles(""))).isZero();
        assertThat(Shingles.jaccard(shingles("甲乙"), shingles("甲乙"))).isEqualTo(1);
    }

    /** Over m pairs the mean error has a standard deviation of sqrt(J (1 - J) / (k m)). */
    @ParameterizedTest
    @ValueSource(doubles = {0.004, 0.02, 0.05, 0.1})
    void estimatesAreUnbiasedAndVaryAsTheyShould(double edits) {
        int values = 128;
        int pairs = 400;
        MinHash minHash = new MinHash(values);
        SplittableRandom random = new SplittableRandom(2);
        double error = 0;
        double squared = 0;
        double expected = 0;
        for (int i = 0; i < pairs; i++) {
            String one = draw(random, 400);
            String other = edit(random, one, edits);
            double exact = naiveJaccard(one, other);
            double estimate = MinHash.similarity(
                    minHash.sign(MatchText.of(one), SHINGLE), minHash.sign(MatchText.of(other), SHINGLE));
            error += (estimate - exact) / pairs;
            squared += (estimate - exact) * (estimate - exact) / pairs;
            expected += exact * (1 - exact) / values / pairs;
        }
        assertThat(error).isCloseTo(0, within(4 * Math.sqrt(expected / pairs)));
        assertThat(squared / expected).isBetween(0.75, 1.35);
    }

    @Test
    void candidatesAreAsFrequentAsTheFormulaSays() {
        Banding shape = Banding.of(0.8, 128, 0.98).orElseThrow();
        MinHash minHash = new MinHash(shape.values());
        SplittableRandom random = new SplittableRandom(3);
        for (double edits : new double[] {0.01, 0.03, 0.06, 0.1}) {
            int pairs = 600;
            double formula = 0;
            int found = 0;
            for (int i = 0; i < pairs; i++) {
                String one = draw(random, 300);
                String other = edit(random, one, edits);
                SignatureStore store = new SignatureStore(shape);
                store.add(0, minHash.sign(MatchText.of(one), SHINGLE));
                store.add(1, minHash.sign(MatchText.of(other), SHINGLE));
                found += new Candidates(store, shape).documents().isEmpty() ? 0 : 1;
                formula += shape.probability(naiveJaccard(one, other)) / pairs;
            }
            double deviation = Math.sqrt(Math.max(formula * (1 - formula), 1e-3) / pairs);
            assertThat((double) found / pairs).isCloseTo(formula, within(4 * deviation));
        }
    }

    @Test
    void theShapeIsTheSteepestThatFindsEnough() {
        Banding shape = Banding.of(0.8, 128, 0.98).orElseThrow();
        assertThat(shape).isEqualTo(new Banding(18, 7));
        assertThat(shape.probability(0.8)).isCloseTo(0.9855, within(1e-4));
        assertThat(shape.probability(0.5)).isCloseTo(0.1316, within(1e-3));
        assertThat(new Banding(16, 8).probability(0.8)).isLessThan(0.98);
        assertThat(Banding.of(0.3, 4, 0.98)).isEmpty();
    }

    @Test
    void comparedTextIsLettersAndDigitsInOneForm() {
        assertThat(MatchText.of("　Ｈｅｌｌｏ, 世界！ ①２\n㎏ ﬁ É e\u0301𠮷")).hasToString("hello世界12kgfiée𠮷");
        MatchText mapped = MatchText.of("a，㎏😀b𠮷");
        assertThat(mapped).hasToString("akgb𠮷");
        assertThat(new int[] {mapped.origin(0), mapped.origin(1), mapped.origin(2), mapped.origin(3), mapped.origin(4)})
                .containsExactly(0, 2, 2, 5, 6);
        assertThat(MatchText.of("㎏".repeat(100))).hasToString("kg".repeat(100));
        assertThat(MatchText.of("！？").length()).isZero();
    }

    @Test
    void equalTextsHaveEqualPrints() {
        MinHash minHash = new MinHash(16);
        DocumentPrint one = DocumentPrint.of("你好，世界。再见。", 5, minHash);
        DocumentPrint other = DocumentPrint.of("你好 世界\n再见", 5, minHash);
        assertThat(one.high()).isEqualTo(other.high());
        assertThat(one.low()).isEqualTo(other.low());
        assertThat(one.signature()).containsExactly(other.signature());
        assertThat(DocumentPrint.of("。", 5, minHash).high())
                .isNotEqualTo(DocumentPrint.of("！", 5, minHash).high());
        assertThat(DocumentPrint.of("。", 5, minHash).signature()).isEmpty();
    }
}
