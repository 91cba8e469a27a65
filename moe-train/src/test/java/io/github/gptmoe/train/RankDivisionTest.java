package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.train.plan.RankDivision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankDivisionTest {
    private static String problem(int devices, String... sets) {
        return RankDivision.problem(TinyRun.config(sets).train(), devices).orElse("");
    }

    @ParameterizedTest
    @CsvSource({"4, 4, 2, 2", "24, 12, 4, 6", "24, 8, 2, 6", "24, 24, 8, 3", "16, 16, 16, 1"})
    void theLargestMicroBatchThatWorksIsNamed(int globalBatch, int microBatch, int devices, int works) {
        String batch = "train.globalBatch=" + globalBatch;
        assertThat(problem(devices, batch, "train.microBatch=" + microBatch))
                .contains("use --set train.microBatch=" + works + ", or a globalBatch");
        assertThat(problem(devices, batch, "train.microBatch=" + works)).isEmpty();
    }

    @Test
    void theWholeMessage() {
        assertThat(problem(2, "train.microBatch=4"))
                .isEqualTo("--devices 2: train.globalBatch 4 makes 1 micro-batch of train.microBatch 4 a step, which 2"
                        + " ranks cannot share evenly; use --set train.microBatch=2, or a globalBatch that is a"
                        + " multiple of 8 (another run: its steps see other batches)");
        assertThat(problem(3))
                .isEqualTo(
                        "--devices 3: train.globalBatch 4 makes 2 micro-batches of train.microBatch 2 a step, which 3"
                                + " ranks cannot share evenly; no smaller microBatch helps; use a globalBatch that is a"
                                + " multiple of 6 (another run: its steps see other batches), or another --devices");
    }

    @Test
    void anUpdateDuringBackwardLeavesOneChoice() {
        String[] sets = {"train.optimizerInBackward=true", "train.clipNorm=0", "train.globalBatch=8"};
        assertThat(problem(2, sets)).endsWith("makes 4 of train.microBatch 2; use --set train.microBatch=4");
        assertThat(problem(3, sets)).endsWith("no microBatch makes 3 of it, use a globalBatch that is a multiple of 3");
    }
}
