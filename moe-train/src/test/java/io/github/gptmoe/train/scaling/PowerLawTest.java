package io.github.gptmoe.train.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class PowerLawTest {
    private static double[] law(double factor, double exponent, double... x) {
        return DoubleStream.of(x).map(at -> factor * Math.pow(at, exponent)).toArray();
    }

    @Test
    void knownExponentsAreFound() {
        double[] x = {512, 1024, 2048, 5000};
        for (double exponent : new double[] {-1, 0, 0.85, 2}) {
            assertThat(PowerLaw.exponent(x, law(123.4, exponent, x))).isCloseTo(exponent, within(1e-12));
        }
    }

    @Test
    void symmetricErrorsCancel() {
        double[] x = {1, 2, 4, 8};
        double[] y = law(3, 1.5, x);
        y[1] *= 1.25;
        y[2] *= 1.25;
        assertThat(PowerLaw.exponent(x, y)).isCloseTo(1.5, within(1e-12));
    }

    @Test
    void whatHasNoLogarithmIsLeftOut() {
        double[] x = {0, 2, 4, 8, 16};
        double[] y = {77, 4, 16, 64, Double.NaN};
        assertThat(PowerLaw.exponent(x, y)).isCloseTo(2, within(1e-12));
    }

    @Test
    void oneIsNotEnough() {
        assertThat(PowerLaw.exponent(new double[] {}, new double[] {})).isNaN();
        assertThat(PowerLaw.exponent(new double[] {4}, new double[] {9})).isNaN();
        assertThat(PowerLaw.exponent(new double[] {4, 4}, new double[] {9, 10})).isNaN();
    }
}
