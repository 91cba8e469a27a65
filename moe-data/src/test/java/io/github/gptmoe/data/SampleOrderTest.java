package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleOrderTest {
    @Test
    void everyEpochIsAPermutation() {
        long lastEpoch = 1L << 40;
        for (long seed : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            for (int count : new int[] {1, 2, 2999, 3000}) {
                for (long epoch : new long[] {0, 1, lastEpoch}) {
                    assertPermutation(seed, count, epoch);
                }
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            assertPermutation(random.nextLong(), random.nextInt(1, 3001), random.nextLong(lastEpoch + 1));
        }
    }

    private static void assertPermutation(long seed, int count, long epoch) {
        assertThat(order(new SampleOrder(seed, count), epoch).sorted().toArray())
                .as("seed %d, count %d, epoch %d", seed, count, epoch)
                .isEqualTo(LongStream.range(0, count).toArray());
    }

    @Test
    void smallCountsArePermutations() {
        for (int count = 1; count <= 70; count++) {
            for (long epoch = 0; epoch < 20; epoch++) {
                assertThat(order(new SampleOrder(3, count), epoch).sorted().toArray())
                        .isEqualTo(LongStream.range(0, count).toArray());
            }
        }
    }

    @Test
    void epochsAndSeedsDiffer() {
        long[] first = order(new SampleOrder(1, 1000), 0).toArray();
        assertThat(order(new SampleOrder(1, 1000), 0).toArray()).isEqualTo(first);
        assertThat(order(new SampleOrder(1, 1000), 1).toArray()).isNotEqualTo(first);
        assertThat(order(new SampleOrder(2, 1000), 0).toArray()).isNotEqualTo(first);
        assertThat(first).isNotEqualTo(LongStream.range(0, 1000).toArray());
    }

    /** Mean and neighbour correlation of a fair shuffle of 100,000 lie within these bounds with overwhelming odds. */
    @Test
    void looksShuffled() {
        int count = 100_000;
        double[] values = order(new SampleOrder(5, count), 0).asDoubleStream().toArray();
        double firstHalf = 0;
        double neighbours = 0;
        for (int i = 0; i < count; i++) {
            double centred = values[i] / count - 0.5;
            firstHalf += i < count / 2 ? centred : 0;
            neighbours += centred * (values[(i + 1) % count] / count - 0.5);
        }
        assertThat(firstHalf / (count / 2.0)).isBetween(-0.005, 0.005);
        assertThat(neighbours / count * 12).isBetween(-0.02, 0.02);
    }

    /** With two samples each order must come up about half the time. */
    @Test
    void twoSamplesChangePlaces() {
        SampleOrder order = new SampleOrder(9, 2);
        long swapped = LongStream.range(0, 1000)
                .filter(epoch -> order.index(epoch, 0) == 1)
                .count();
        assertThat(swapped).isBetween(400L, 600L);
    }

    @Test
    void worksForHugeCounts() {
        for (long count : new long[] {1L << 40, (1L << 62) + 5, Long.MAX_VALUE}) {
            SampleOrder order = new SampleOrder(1, count);
            assertThat(LongStream.range(0, 1000)
                            .map(position -> order.index(0, position))
                            .distinct())
                    .hasSize(1000)
                    .allMatch(index -> index >= 0 && index < count);
        }
    }

    @Test
    void refusesPositionsOutside() {
        assertThatThrownBy(() -> new SampleOrder(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SampleOrder(1, 5).index(0, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static LongStream order(SampleOrder order, long epoch) {
        return LongStream.range(0, order.count()).map(position -> order.index(epoch, position));
    }
}
