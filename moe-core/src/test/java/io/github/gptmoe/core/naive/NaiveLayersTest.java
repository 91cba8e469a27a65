package io.github.gptmoe.core.naive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The reference has to be right by itself: values from tables and cases that a person can do in the head. */
class NaiveLayersTest {
    @Test
    void erfMatchesTheTables() {
        assertThat(NaiveLayers.erf(0)).isZero();
        assertThat(NaiveLayers.erf(0.5)).isCloseTo(0.5204998778130465, within(1e-15));
        assertThat(NaiveLayers.erf(-1)).isCloseTo(-0.8427007929497149, within(1e-15));
        assertThat(NaiveLayers.erf(2)).isCloseTo(0.9953222650189527, within(1e-15));
        assertThat(NaiveLayers.erf(5)).isCloseTo(1 - 1.5374597944280349e-12, within(1e-14));
    }

    @Test
    void linearNormAndSoftmaxMatchHandWork() {
        assertThat(NaiveLayers.linear(new double[] {1, 2}, new double[] {3, 4, 5, 6}, new double[] {10, 20}))
                .containsExactly(21, 37);
        assertThat(NaiveLayers.layerNorm(new double[] {-3, 3}, new double[] {2, 2}, new double[] {1, 1}))
                .containsExactly(new double[] {-1, 3}, within(2e-6));
        assertThat(NaiveLayers.softmax(new double[] {0, Math.log(3), 5, 5}, 2))
                .containsExactly(new double[] {0.25, 0.75, 0.5, 0.5}, within(1e-15));
        assertThat(NaiveLayers.tokenLosses(new double[] {0, Math.log(3)}, new long[] {0}))
                .containsExactly(new double[] {Math.log(4)}, within(1e-15));
    }

    @Test
    void theFirstTokenOfASequenceAttendsToItselfAlone() {
        double[] identityQkv = {0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1};
        List<double[]> weights = List.of(
                new double[] {1, 1},
                new double[2],
                identityQkv,
                new double[6],
                new double[] {1, 0, 0, 1},
                new double[2]);
        double[] x = {-1, 1, 1, -1};
        // Equal scores: the second token averages the opposite values of both, and keeps its residual stream.
        assertThat(NaiveLayers.attention(x, weights, 1, 2)).containsExactly(new double[] {-2, 2, 1, -1}, within(1e-5));
        assertThat(NaiveLayers.attention(x, weights, 1, 1)).containsExactly(new double[] {-2, 2, 2, -2}, within(1e-5));
    }

    @Test
    void finiteDifferencesOfAPolynomial() {
        double[] at = {2, -3};
        assertThat(FiniteDifferences.gradient(at, () -> at[0] * at[0] * at[1]))
                .containsExactly(new double[] {-12, 4}, within(1e-8));
        assertThat(at).containsExactly(2, -3);
    }

    @Test
    void roundsToBf16ToNearestEven() {
        assertThat(Samples.roundToBf16(1.00390625f)).isEqualTo(1f);
        assertThat(Samples.roundToBf16(1.01171875f)).isEqualTo(1.015625f);
        assertThat(Samples.roundToBf16(-3.1415927f)).isEqualTo(-3.140625f);
        assertThat(Samples.roundToBf16(Float.MAX_VALUE)).isInfinite();
    }
}
