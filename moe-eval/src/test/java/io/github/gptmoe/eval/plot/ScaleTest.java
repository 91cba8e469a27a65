package io.github.gptmoe.eval.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScaleTest {

    @Test
    void linearTicksAreRoundNumbers() {
        assertThat(Ticks.linear(0, 1, 6)).containsExactly(0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0);
        assertThat(Ticks.linear(0, 10_240_000, 7)).containsExactly(0.0, 2e6, 4e6, 6e6, 8e6, 1e7);
        assertThat(Ticks.linear(-3, 3, 6)).containsExactly(-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0);
        assertThat(Ticks.linear(4.31, 9.2, 6)).containsExactly(5.0, 6.0, 7.0, 8.0, 9.0);
    }

    @Test
    void linearTicksLieInsideAndApartForAnyRange() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2_000; i++) {
            double low = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-8, 12));
            double high = low + Math.max(Math.abs(low) * 1e-6, Math.pow(10, random.nextInt(-8, 12)));
            List<Double> ticks = Ticks.linear(low, high, 6);
            double slack = (high - low) * 1e-6;
            assertThat(ticks).as(low + " to " + high).hasSizeBetween(2, 7).isSorted();
            assertThat(ticks).allSatisfy(tick -> assertThat(tick).isBetween(low - slack, high + slack));
            assertThat(new Scale(low, high, false, ticks).labels()).doesNotHaveDuplicates();
        }
    }

    @Test
    void logarithmicTicksAreDecadesOrPartsOfThem() {
        assertThat(Ticks.logarithmic(0.5, 2000, 6)).containsExactly(1.0, 10.0, 100.0, 1000.0);
        assertThat(Ticks.logarithmic(0.3, 4, 6)).hasSizeGreaterThanOrEqualTo(3).contains(1.0);
        assertThat(Ticks.logarithmic(0.61, 0.64, 6))
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(tick -> assertThat(tick).isBetween(0.61, 0.64));
        assertThat(Ticks.logarithmic(1e-12, 1e12, 6)).hasSizeBetween(3, 7);
    }

    @Test
    void equalFactorsAreEquallyFarOnALogarithmicAxis() {
        Scale scale = Scale.logarithmic(0.1, 1000, 6);
        double step = scale.fraction(1) - scale.fraction(0.1);
        assertThat(scale.fraction(1000) - scale.fraction(100)).isCloseTo(step, within(1e-12));
        assertThat(scale.shows(0)).isFalse();
        assertThat(scale.shows(-1)).isFalse();
        assertThat(scale.shows(Double.NaN)).isFalse();
    }

    @Test
    void aSingleValueStillMakesAnAxis() {
        for (double value : new double[] {0, 5, -5, 1e-9, 1e12}) {
            Scale scale = Scale.padded(value, value, 6);
            assertThat(scale.fraction(value)).isBetween(0.0, 1.0);
            assertThat(scale.ticks()).isNotEmpty();
        }
        assertThat(Scale.logarithmic(7, 7, 6).fraction(7)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void valuesThatAreNotNegativeGetNoNegativeAxis() {
        assertThat(Scale.padded(0, 1, 6).low()).isZero();
        assertThat(Scale.padded(-1, 1, 6).low()).isLessThan(-1);
    }

    @Test
    void labelsTellNeighboursApart() {
        assertThat(Scale.exact(1000.001, 1000.003, 6).labels()).doesNotHaveDuplicates();
        assertThat(Scale.exact(0, 12e6, 6).labels()).contains("0", "2M", "10M");
    }

    @Test
    void aValueIsWhereItsFractionSays() {
        for (Scale scale : List.of(Scale.exact(2, 12, 6), Scale.logarithmic(2, 12, 6))) {
            for (double value : new double[] {2, 5, 12}) {
                assertThat(scale.value(scale.fraction(value))).isCloseTo(value, within(1e-12));
            }
        }
    }
}
