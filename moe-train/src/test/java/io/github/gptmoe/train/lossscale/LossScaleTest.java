package io.github.gptmoe.train.lossscale;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.train.config.LossScaleConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossScaleTest {
    private static LossScaleConfig config(int growthInterval, int hysteresis, double minimum) {
        return new LossScaleConfig(64.0, 2.0, 0.5, growthInterval, hysteresis, minimum);
    }

    /** The scale that each step is made with: x an overflow, - none. */
    private static List<Double> scales(LossScaleConfig config, String steps) {
        List<Double> scales = new ArrayList<>();
        LossScale state = LossScale.initial(config);
        for (char step : steps.toCharArray()) {
            scales.add(state.scale());
            state = state.after(step == 'x', config);
        }
        return scales;
    }

    private static List<Double> numbers(String text) {
        return List.of(text.split(" ")).stream().map(Double::valueOf).toList();
    }

    @ParameterizedTest
    @CsvSource({
        // None: grows every third step.
        "---------, 2, 64 64 64 128 128 128 256 256 256",
        // All: the first passes, then each halves, down to the minimum of 4.
        "xxxxxxxx, 2, 64 64 32 16 8 4 4 4",
        "xxxxxx, 1, 64 32 16 8 4 4",
        "xxxxxx, 3, 64 64 64 32 16 8",
        // Alternating: steps without overflow give no credit back, and two in a row are not enough to grow.
        "x-x-x-x-, 2, 64 64 64 32 32 16 16 8",
        "--x--x--x, 2, 64 64 64 64 64 64 32 32 32",
        // Some: growth after three clean steps gives the credit back, so the overflow that follows only passes.
        "x---xx---x, 2, 64 64 64 64 128 128 64 64 64 128",
        "xx---x-x-, 2, 64 64 32 32 32 64 64 64 32",
        // An overflow begins the count of clean steps anew.
        "--x--x---, 5, 64 64 64 64 64 64 64 64 64",
    })
    void followsOverflows(String steps, int hysteresis, String expected) {
        assertThat(scales(config(3, hysteresis, 4), steps)).isEqualTo(numbers(expected));
    }

    @Test
    void otherFactorsAreUsed() {
        LossScaleConfig config = new LossScaleConfig(100.0, 3.0, 0.25, 2, 1, 10.0);
        assertThat(scales(config, "--xx--xxx")).isEqualTo(numbers("100 100 300 75 18.75 18.75 56.25 14.0625 10"));
    }

    @Test
    void onlyAnOverflowThatWouldReduceTheMinimumIsTheLastResort() {
        LossScaleConfig config = config(3, 2, 32);
        LossScale state = LossScale.initial(config);
        assertThat(state.isLastResort(config)).isFalse();
        state = state.after(true, config).after(true, config); // 64, credit 1; 32, credit 0
        assertThat(state).isEqualTo(new LossScale(32, 0, 0));
        assertThat(state.isLastResort(config)).isTrue();
        // Three clean steps give room again.
        state = state.after(false, config).after(false, config).after(false, config);
        assertThat(state).isEqualTo(new LossScale(64, 0, 2));
        assertThat(state.isLastResort(config)).isFalse();
        // A scale that begins at its minimum still has the hysteresis.
        LossScaleConfig low = config(3, 2, 64);
        assertThat(LossScale.initial(low).isLastResort(low)).isFalse();
        assertThat(LossScale.initial(low).after(true, low).isLastResort(low)).isTrue();
    }

    @Test
    void growthEndsBeforeFp32Does() {
        LossScaleConfig config = new LossScaleConfig(0x1p126, 2.0, 0.5, 1, 1, 1.0);
        assertThat(scales(config, "----")).containsExactly(0x1p126, 0x1p127, 0x1p127, 0x1p127);
    }
}
