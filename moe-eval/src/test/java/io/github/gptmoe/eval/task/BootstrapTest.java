package io.github.gptmoe.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static int[] ones(int count, int of) {
        int[] values = new int[of];
        Arrays.fill(values, 0, count, 1);
        return values;
    }

    /** A proportion's interval is near that of the normal distribution when rows are many. */
    @Test
    void nearTheNormalInterval() {
        double[] means = Bootstrap.means(ones(600, 1000), "task");
        double half = 1.96 * Math.sqrt(0.6 * 0.4 / 1000);
        Interval interval = Bootstrap.interval(means);
        assertThat(interval.low()).isCloseTo(0.6 - half, within(0.003));
        assertThat(interval.high()).isCloseTo(0.6 + half, within(0.003));
        assertThat(Arrays.stream(means).average().orElseThrow()).isCloseTo(0.6, within(0.001));
    }

    @Test
    void theSameNameDrawsTheSameRows() {
        assertThat(Bootstrap.means(ones(3, 10), "a")).containsExactly(Bootstrap.means(ones(3, 10), "a"));
        assertThat(Bootstrap.means(ones(3, 10), "a")).isNotEqualTo(Bootstrap.means(ones(3, 10), "b"));
    }

    @Test
    void nothingVariesWhereAllRowsAreAlike() {
        assertThat(Bootstrap.interval(Bootstrap.means(ones(5, 5), "task"))).isEqualTo(new Interval(1, 1));
        assertThat(Bootstrap.interval(Bootstrap.means(ones(0, 1), "task"))).isEqualTo(new Interval(0, 0));
    }

    @Test
    void theIntervalLeavesOutAFortiethOnEitherSide() {
        double[] means = new double[Bootstrap.RESAMPLES];
        for (int i = 0; i < means.length; i++) {
            means[i] = means.length - i;
        }
        assertThat(Bootstrap.interval(means)).isEqualTo(new Interval(251, 9750));
    }

    @Test
    void theShareOfReversedSigns() {
        double[] differences = new double[9999];
        Arrays.fill(differences, 1);
        assertThat(Bootstrap.signReversed(differences)).isCloseTo(2.0 / 10_000, within(1e-12));
        Arrays.fill(differences, 0, 99, -1);
        assertThat(Bootstrap.signReversed(differences)).isCloseTo(0.02, within(1e-12));
        Arrays.fill(differences, 0);
        assertThat(Bootstrap.signReversed(differences)).isEqualTo(1);
    }

    @Test
    void averagesResampleByResample() {
        double[] first = Bootstrap.means(ones(3, 10), "a");
        double[] second = Bootstrap.means(ones(8, 20), "b");
        double[] both = Bootstrap.average(List.of(first, second));
        assertThat(both[0]).isEqualTo((first[0] + second[0]) / 2);
        assertThat(both[9999]).isEqualTo((first[9999] + second[9999]) / 2);
        Interval one = Bootstrap.interval(first);
        Interval mean = Bootstrap.interval(both);
        assertThat(mean.high() - mean.low()).isLessThan(one.high() - one.low());
    }
}
