package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepMemoryTest {
    @Test
    void activationsAreWhatNeitherTheProcessNorTheStateAccountsFor() {
        assertThat(StepMemory.activations(1_000, 300, 500, 10)).isEqualTo(20);
    }

    @Test
    void whatCannotBeToldIsAbsent() {
        assertThat(StepMemory.activations(-1, 300, 500, 10)).as("no /proc").isNull();
        assertThat(StepMemory.activations(1_000, -1, 500, 10)).as("no /proc").isNull();
        assertThat(StepMemory.activations(1_000, 300, 0, 10))
                .as("state on a GPU")
                .isNull();
        assertThat(StepMemory.activations(1_000, 600, 500, 10))
                .as("model too small")
                .isNull();
    }
}
