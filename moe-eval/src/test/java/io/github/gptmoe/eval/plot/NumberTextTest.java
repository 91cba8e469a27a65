package io.github.gptmoe.eval.plot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberTextTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, 0",
        "5.63812, 5.638",
        "0.0312, 0.0312",
        "0.00015, 0.00015",
        "0.000015, 1.5e-5",
        "-0.000015, -1.5e-5",
        "1e-300, 1e-300",
        "9999, 9999",
        "2048, 2048",
        "12346, 12.35k",
        "999999, 1000k",
        "1000000, 1M",
        "10240000, 10.24M",
        "16353136664, 16.35G",
        "2.5e13, 25T",
        "3e20, 3e20",
        "NaN, –",
        "-Infinity, –",
    })
    void brief(double value, String text) {
        assertThat(NumberText.brief(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-0.001, 0", "1.006, 1.01", "100, 100", "12.3, 12.3", "-4.567, -4.57"})
    void pixels(double value, String text) {
        assertThat(NumberText.pixels(value)).isEqualTo(text);
    }
}
