package io.github.gptmoe.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MedianTest {
    @Test
    void theMiddleOfAnyOrder() {
        double[] values = {9, 1, 4};
        assertThat(Median.of(values)).isEqualTo(4);
        assertThat(values).containsExactly(9, 1, 4);
        assertThat(Median.of(new double[] {9, 1, 4, 2})).isEqualTo(3);
        assertThat(Median.of(new double[] {7})).isEqualTo(7);
        assertThat(Median.of(new double[0])).isNaN();
    }
}
