package io.github.gptmoe.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CapacityTest {
    private static final int TRIES = 1000;
    private static final double[] EDGE_FACTORS = {0.1, 0.11, 1, 2.99, 3};

    @Test
    void roundsUpAndKeepsTheMinimum() {
        assertThat(Capacity.perExpert(100, 8, 1.0, 0)).isEqualTo(13);
        assertThat(Capacity.perExpert(100, 8, 1.25, 0)).isEqualTo(16);
        assertThat(Capacity.perExpert(3, 8, 1.0, 4)).isEqualTo(4);
        assertThat(Capacity.perExpert(0, 8, 1.0, 0)).isZero();
        assertThat(Capacity.perExpert(100, 10, 1.1, 0))
                .as("110 / 10, without the error of 1.1 in binary")
                .isEqualTo(11);
    }

    @Test
    void earlierTokensKeepTheirPlaces() {
        long[] ids = {0, 0, 2, 0, 1, 0, 2};
        assertThat(Capacity.limit(ids, 2, 1.0, 0)).containsExactly(0, 0, 2, 0, 1, 2, 2);
        assertThat(Capacity.limit(ids, 2, 0.5, 0)).containsExactly(0, 0, 2, 2, 1, 2, 2);
        assertThat(Capacity.limit(ids, 2, 0.5, 4)).containsExactly(ids);
        assertThat(ids).as("not changed").containsExactly(0, 0, 2, 0, 1, 0, 2);
    }

    @Test
    void wrongValuesAreRefused() {
        assertThatThrownBy(() -> Capacity.limit(new long[] {3}, 2, 1, 0)).hasMessageContaining("expert id 3");
        assertThatThrownBy(() -> Capacity.limit(new long[] {-1}, 2, 1, 0)).hasMessageContaining("expert id -1");
        assertThatThrownBy(() -> Capacity.limit(new long[] {1}, 2, 0, 0)).hasMessageContaining("factor above 0");
        assertThatThrownBy(() -> Capacity.limit(new long[] {1}, 2, 1, -1)).hasMessageContaining("minimum");
    }

    @Test
    void keepsTheFirstPlacesOfEveryExpert() {
        for (int numExperts : new int[] {1, 2, 8, 9}) {
            for (double factor : EDGE_FACTORS) {
                for (int minimum : new int[] {0, 1, 4, 5}) {
                    assertKeepsTheFirstPlaces(new long[0], numExperts, factor, minimum);
                    assertKeepsTheFirstPlaces(new long[] {0}, numExperts, factor, minimum);
                    assertKeepsTheFirstPlaces(new long[] {numExperts}, numExperts, factor, minimum);
                    assertKeepsTheFirstPlaces(new long[60], numExperts, factor, minimum);
                }
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < TRIES; i++) {
            int numExperts = random.nextInt(1, 10);
            long[] ids = random.longs(random.nextInt(61), 0, numExperts + 1L).toArray();
            assertKeepsTheFirstPlaces(ids, numExperts, factor(random), random.nextInt(6));
        }
    }

    private static void assertKeepsTheFirstPlaces(long[] ids, int numExperts, double factor, int minimum) {
        String tried = String.format(
                "%d experts, factor %s, minimum %d, ids %s", numExperts, factor, minimum, Arrays.toString(ids));
        long[] kept = Capacity.limit(ids, numExperts, factor, minimum);
        long valid = Arrays.stream(ids).filter(id -> id < numExperts).count();
        long capacity = Capacity.perExpert(valid, numExperts, factor, minimum);
        for (int expert = 0; expert < numExperts; expert++) {
            int taken = 0;
            for (int token = 0; token < ids.length; token++) {
                if (ids[token] == expert) {
                    assertThat(kept[token])
                            .as("place of token %d; %s", token, tried)
                            .isEqualTo(taken < capacity ? expert : numExperts);
                    taken++;
                }
            }
        }
        for (int token = 0; token < ids.length; token++) {
            if (ids[token] == numExperts) {
                assertThat(kept[token]).as("padding token %d; %s", token, tried).isEqualTo(numExperts);
            }
        }
    }

    @Test
    void moreRoomNeverShrinks() {
        for (long tokens : new long[] {0, 1, 2, 999_999, 1_000_000}) {
            for (int numExperts : new int[] {1, 2, 127, 128}) {
                for (double factor : EDGE_FACTORS) {
                    assertMoreRoomNeverShrinks(tokens, numExperts, factor);
                }
            }
        }
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < TRIES; i++) {
            // Every size of number as often: the rounding shows at few tokens.
            long most = 1_000_000 >> random.nextInt(20);
            assertMoreRoomNeverShrinks(random.nextLong(most + 1), random.nextInt(1, 129), factor(random));
        }
    }

    private static void assertMoreRoomNeverShrinks(long tokens, int numExperts, double factor) {
        String tried = String.format("%d tokens, %d experts, factor %s", tokens, numExperts, factor);
        long capacity = Capacity.perExpert(tokens, numExperts, factor, 0);
        assertThat(Capacity.perExpert(tokens, numExperts, factor + 0.5, 0))
                .as(tried)
                .isGreaterThanOrEqualTo(capacity);
        assertThat(capacity * (double) numExperts).as(tried).isGreaterThanOrEqualTo(tokens * factor * (1 - 1e-12));
        assertThat((capacity - 1) * (double) numExperts).as(tried).isLessThan(tokens * factor * (1 + 1e-12) + 1e-9);
    }

    /** From 0.1 to 3; half of them with two decimals, as people write them. */
    private static double factor(SplittableRandom random) {
        double factor = random.nextDouble(0.1, 3);
        return random.nextBoolean() ? factor : Math.round(factor * 100) / 100.0;
    }
}
