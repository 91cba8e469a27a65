package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.eval.Decoding.Continued;
import io.github.gptmoe.eval.Decoding.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class DecodingTest {
    private static final int END = 0;
    private static final double LITTLE = 1e-6;
    private static final int[] EDGE_SEEDS = {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE};

    /** After 1, token 2 is likelier than 3; but after 2 nothing is likely, after 3 the end is certain. */
    private static final Map<Integer, double[]> TRAP = Map.of(
            1, new double[] {LITTLE, LITTLE, 0.6, 0.4, LITTLE},
            2, new double[] {0.3, 0.3, 0.2, 0.1, 0.1},
            3, new double[] {1 - 4 * LITTLE, LITTLE, LITTLE, LITTLE, LITTLE},
            4, new double[] {0.2, 0.2, 0.2, 0.2, 0.2});

    private static Continued decode(Decoding decoding, Map<Integer, double[]> table, int tokens) {
        try (TableBatch start = new TableBatch(1, table)) {
            List<Integer> heard = new ArrayList<>();
            Continued continued = decoding.continueText(start, new Limits(tokens, END), heard::add);
            assertThat(heard).isEqualTo(continued.ids());
            // The logits after the last token are nobody's business.
            assertThat(start.advances()).isLessThan(tokens);
            return continued;
        }
    }

    @Test
    void beamFindsWhatGreedyMisses() {
        assertThat(decode(new Greedy(), TRAP, 5)).isEqualTo(new Continued(List.of(2), true));
        assertThat(decode(new BeamSearch(2, 0), TRAP, 5)).isEqualTo(new Continued(List.of(3), true));
    }

    @Test
    void lengthPowerDecidesBetweenShortAndLong() {
        // Ending at once has probability 0.4; two further tokens and the end 0.55 * 0.8 * 0.8 = 0.352.
        Map<Integer, double[]> table = Map.of(
                1, new double[] {0.4, LITTLE, 0.55, 0.05},
                2, new double[] {0.1, LITTLE, 0.1, 0.8},
                3, new double[] {0.8, LITTLE, 0.1, 0.1});
        assertThat(decode(new BeamSearch(3, 0), table, 6).ids()).isEmpty();
        assertThat(decode(new BeamSearch(3, 1), table, 6).ids()).containsExactly(2, 3);
    }

    @Test
    void beamReturnsTheBestBeginningWhenNoTextEnds() {
        Map<Integer, double[]> table = Map.of(
                1, new double[] {LITTLE, LITTLE, 0.6, 0.4},
                2, new double[] {LITTLE, 0.3, 0.4, 0.3},
                3, new double[] {LITTLE, 0.9, 0.05, 0.05});
        assertThat(decode(new BeamSearch(2, 1), table, 2)).isEqualTo(new Continued(List.of(3, 1), false));
    }

    @Test
    void beamOfWidthOneIsGreedy() {
        for (int seed : EDGE_SEEDS) {
            for (int tokens : new int[] {1, 2, 11, 12}) {
                assertBeamOfWidthOneIsGreedy(seed, tokens);
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 200; i++) {
            assertBeamOfWidthOneIsGreedy(random.nextInt(), random.nextInt(1, 13));
        }
    }

    private static void assertBeamOfWidthOneIsGreedy(int seed, int tokens) {
        Map<Integer, double[]> table = randomTable(seed);
        // Around the whole, because decode() asserts as well.
        assertThatCode(() -> assertThat(decode(new BeamSearch(1, 1), table, tokens))
                        .isEqualTo(decode(new Greedy(), table, tokens)))
                .as("table of seed %d, %d tokens", seed, tokens)
                .doesNotThrowAnyException();
    }

    @Test
    void wideBeamFindsTheBestTextOfAll() {
        for (int seed : EDGE_SEEDS) {
            assertWideBeamFindsTheBest(seed);
        }
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 100; i++) {
            assertWideBeamFindsTheBest(random.nextInt());
        }
    }

    private static void assertWideBeamFindsTheBest(int seed) {
        Map<Integer, double[]> table = randomTable(seed);
        // No end token within reach: every text has 3 tokens, and 5 * 5 beginnings hold all of them.
        Limits limits = new Limits(3, -1);
        double best = 0;
        for (int code = 0; code < 125; code++) {
            best = Math.max(best, probability(table, List.of(code / 25, code / 5 % 5, code % 5)));
        }
        try (TableBatch start = new TableBatch(1, table)) {
            List<Integer> found =
                    new BeamSearch(25, 1).continueText(start, limits, id -> {}).ids();
            // Not the ids: going round a loop can be as probable as going round it later.
            assertThat(probability(table, found)).as("table of seed %d", seed).isCloseTo(best, within(1e-6));
        }
    }

    private static double probability(Map<Integer, double[]> table, List<Integer> ids) {
        double probability = 1;
        int last = 1;
        for (int id : ids) {
            probability *= table.get(last)[id];
            last = id;
        }
        return probability;
    }

    private static Map<Integer, double[]> randomTable(int seed) {
        Random random = new Random(seed);
        Map<Integer, double[]> table = new HashMap<>();
        for (int id = 0; id < 5; id++) {
            double[] row = random.doubles(5, 0.01, 1).toArray();
            double sum = Arrays.stream(row).sum();
            table.put(id, Arrays.stream(row).map(value -> value / sum).toArray());
        }
        return table;
    }

    @Test
    void samplesFollowTheSoftmax() {
        float[] logits = {0f, 1f, 2f, -1f, 0.5f, -30f};
        double temperature = 0.7;
        int draws = 50_000;
        int[] counts = new int[logits.length];
        Sampling sampling = new Sampling(temperature, List.of(), 42);
        for (int i = 0; i < draws; i++) {
            counts[sampling.choose(logits, i)]++;
        }
        double[] scaled = new double[logits.length];
        for (int id = 0; id < logits.length; id++) {
            scaled[id] = logits[id] / temperature;
        }
        double[] expected = NaiveGpt.softmax(scaled);
        double chiSquare = 0;
        for (int id = 0; id < 5; id++) {
            chiSquare += Math.pow(counts[id] - draws * expected[id], 2) / (draws * expected[id]);
        }
        // 4 degrees of freedom: 18.5 is exceeded once in a thousand seeds, and the seed is fixed.
        assertThat(chiSquare).isLessThan(18.5);
        assertThat(counts[5]).isZero();
    }

    @Test
    void consecutiveDrawsAndSeedsAreUncorrelated() {
        int count = 20_000;
        double sum = 0;
        double next = 0;
        double neighbour = 0;
        for (int i = 0; i < count; i++) {
            double here = CounterRandom.uniform(9, i) - 0.5;
            sum += here;
            next += here * (CounterRandom.uniform(9, i + 1) - 0.5);
            neighbour += here * (CounterRandom.uniform(10, i) - 0.5);
        }
        // Standard errors: 0.29 / sqrt(n) and (1/12) / sqrt(n).
        assertThat(Math.abs(sum / count)).isLessThan(4 * 0.29 / Math.sqrt(count));
        assertThat(Math.abs(next / count)).isLessThan(4 / 12.0 / Math.sqrt(count));
        assertThat(Math.abs(neighbour / count)).isLessThan(4 / 12.0 / Math.sqrt(count));
    }

    @Test
    void topKKeepsTheGreatestAndBreaksTiesById() {
        double[] probabilities = {0.1, 0.3, 0.1, 0.4, 0.1};
        new TopK(3).truncate(probabilities);
        assertThat(probabilities).containsExactly(0.1, 0.3, 0, 0.4, 0);
        double[] few = {0.5, 0.5};
        new TopK(7).truncate(few);
        assertThat(few).containsExactly(0.5, 0.5);
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesTheShare() {
        assertThat(nucleus(0.4)).containsExactly(0, 0, 0, 0.4, 0);
        assertThat(nucleus(0.41)).containsExactly(0, 0.3, 0, 0.4, 0);
        assertThat(nucleus(0.75)).containsExactly(0.1, 0.3, 0, 0.4, 0);
        assertThat(nucleus(0.999)).containsExactly(0.1, 0.3, 0.1, 0.4, 0.1);
        assertThat(nucleus(1)).containsExactly(0.1, 0.3, 0.1, 0.4, 0.1);
        assertThat(nucleus(1e-9)).containsExactly(0, 0, 0, 0.4, 0);
    }

    private static double[] nucleus(double p) {
        double[] probabilities = {0.1, 0.3, 0.1, 0.4, 0.1};
        new TopP(p).truncate(probabilities);
        return probabilities;
    }

    @Test
    void nucleusIsMinimal() {
        for (double p : new double[] {0.01, 0.02, 0.5, 0.98, 0.99}) {
            for (double value : new double[] {0.01, 0.02, 0.99, 1}) {
                for (int size : new int[] {1, 2, 30}) {
                    double[] equal = new double[size];
                    Arrays.fill(equal, value);
                    assertNucleusIsMinimal(equal, p);
                }
                assertNucleusIsMinimal(new double[] {0.01, value, 1}, p);
            }
        }
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 1000; i++) {
            DoubleStream values = random.doubles(random.nextInt(1, 31), 0.01, 1);
            // Ties are frequent between numbers of two decimals.
            boolean rounded = random.nextBoolean();
            assertNucleusIsMinimal(
                    values.map(value -> rounded ? Math.round(value * 100) / 100.0 : value)
                            .toArray(),
                    random.nextDouble(0.01, 0.99));
        }
    }

    private static void assertNucleusIsMinimal(double[] values, double p) {
        String tried = "top-p " + p + " of " + Arrays.toString(values);
        double total = Arrays.stream(values).sum();
        double[] kept = values.clone();
        new TopP(p).truncate(kept);
        double sum = 0;
        double least = Double.MAX_VALUE;
        double greatestDropped = 0;
        for (int id = 0; id < kept.length; id++) {
            sum += kept[id];
            if (kept[id] > 0) {
                least = Math.min(least, kept[id]);
            } else {
                greatestDropped = Math.max(greatestDropped, values[id]);
            }
        }
        assertThat(sum).as(tried).isGreaterThanOrEqualTo(p * total - 1e-9);
        assertThat(sum - least).as(tried).isLessThan(p * total + 1e-9);
        assertThat(greatestDropped).as(tried).isLessThanOrEqualTo(least);
    }

    @Test
    void truncatedTokensAreNeverDrawn() {
        float[] logits = {0f, 1f, 2f, 0.5f};
        Sampling two = new Sampling(1, List.of(new TopK(2)), 3);
        Sampling one = new Sampling(5, List.of(new TopK(3), new TopP(0.01)), 3);
        boolean second = false;
        for (int i = 0; i < 2000; i++) {
            int drawn = two.choose(logits, i);
            assertThat(drawn).isIn(1, 2);
            second |= drawn == 1;
            assertThat(one.choose(logits, i)).isEqualTo(2);
        }
        assertThat(second).isTrue();
    }

    @Test
    void bestIdsAreSortedWithTiesById() {
        assertThat(BestIds.of(new float[] {1, 3, 2, 3, 0}, 3)).containsExactly(1, 3, 2);
        assertThat(BestIds.of(new float[] {1, 3}, 5)).containsExactly(1, 0);
    }

    @Test
    void impossibleSettingsAreRefused() {
        assertThatThrownBy(() -> new TopK(0)).hasMessageContaining("top-k keeps 0");
        assertThatThrownBy(() -> new TopP(Double.NaN)).hasMessageContaining("top-p is NaN");
        assertThatThrownBy(() -> new TopP(0)).hasMessageContaining("top-p is 0.0");
        assertThatThrownBy(() -> new Sampling(0, List.of(), 1)).hasMessageContaining("greedy");
        assertThatThrownBy(() -> new BeamSearch(0, 1)).hasMessageContaining("beam width is 0");
        assertThatThrownBy(() -> new BeamSearch(1025, 1)).hasMessageContaining("beam width is 1025");
        assertThatThrownBy(() -> new BeamSearch(2, -1)).hasMessageContaining("length power");
        assertThatThrownBy(() -> Softmax.logSumExp(new float[] {Float.NaN, 1})).hasMessageContaining("not finite");
    }
}
