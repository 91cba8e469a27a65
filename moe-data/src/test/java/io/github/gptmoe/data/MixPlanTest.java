package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The formulas of docs/data.md on numbers that can be done in the head. */
class MixPlanTest {
    private static PackSource weight(double weight) {
        return new PackSource("w", List.of(), weight, null);
    }

    private static PackSource epochs(Double epochs) {
        return new PackSource("e", List.of(), null, epochs);
    }

    @Test
    void withoutALengthTheScarcestSourceIsTakenOnce() {
        assertThat(MixPlan.of(List.of(weight(1), weight(1)), List.of(100L, 1000L), null)
                        .targets())
                .containsExactly(100L, 100L);
        assertThat(MixPlan.of(List.of(weight(1), weight(3)), List.of(1000L, 600L), null)
                        .targets())
                .containsExactly(200L, 600L);
        assertThat(MixPlan.of(List.of(weight(0.25), weight(0.75)), List.of(1000L, 600L), null)
                        .targets())
                .containsExactly(200L, 600L);
    }

    @Test
    void aLengthIsSharedByWhatEpochsLeave() {
        assertThat(MixPlan.of(
                                List.of(epochs(2.0), weight(3), epochs(null), weight(1)),
                                List.of(50L, 10L, 7L, 1000L),
                                507L)
                        .targets())
                .containsExactly(100L, 300L, 7L, 100L);
        assertThat(MixPlan.of(List.of(epochs(0.5), epochs(1.25)), List.of(99L, 8L), null)
                        .targets())
                .containsExactly(50L, 10L);
        assertThatThrownBy(() -> MixPlan.of(List.of(epochs(1.0), weight(1)), List.of(100L, 5L), 100L))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokens 100 leave nothing for the sources of a weight: those of epochs have 100");
    }

    @Test
    void everySourceGivesSomething() {
        assertThat(MixPlan.of(List.of(weight(1e6), weight(1e-6)), List.of(1000L, 1000L), null)
                        .targets())
                .containsExactly(1000L, 1L);
    }
}
