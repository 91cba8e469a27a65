package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchRampTest {
    private static List<Integer> batches(BatchRamp ramp, long steps) {
        return LongStream.rangeClosed(1, steps).mapToObj(ramp::batch).toList();
    }

    @Test
    void growsEvenlyWithTheSteps() {
        assertThat(batches(BatchRamp.ofSteps(4, 12, 4, 5), 8)).containsExactly(4, 4, 4, 8, 8, 12, 12, 12);
    }

    @Test
    void growsByWhatWasSeen() {
        // 2 after 0, 2 after 2, 4 after 4, 6 after 8, 8 after 14
        assertThat(batches(BatchRamp.ofSamples(2, 8, 2, 12), 6)).containsExactly(2, 2, 4, 6, 8, 8);
    }

    @Test
    void withoutARampEveryStepIsAlike() {
        BatchRamp ramp = BatchRamp.constant(6);
        assertThat(batches(ramp, 3)).containsExactly(6, 6, 6);
        assertThat(ramp.firstSample(1_000_000_001L)).isEqualTo(6_000_000_000L);
        assertThat(ramp.totalSteps(13)).isEqualTo(3);
    }

    /** Against the definitions, step by step. */
    @ParameterizedTest
    @CsvSource({"4, 12, 4, 5", "1, 64, 1, 10", "2, 64, 2, 1000", "8, 8, 8, 3", "3, 33, 3, 1", "16, 256, 16, 77"})
    void isWhatTheDefinitionsSay(int start, int globalBatch, int microBatch, long length) {
        int growth = (globalBatch - start) / microBatch;
        BatchRamp bySteps = BatchRamp.ofSteps(start, globalBatch, microBatch, length);
        BatchRamp bySamples = BatchRamp.ofSamples(start, globalBatch, microBatch, length);
        long seenBySteps = 0;
        long seenBySamples = 0;
        for (long step = 1; step <= 1_200; step++) {
            int batch = start + microBatch * (int) Math.min(growth, growth * (step - 1) / length);
            assertThat(bySteps.batch(step)).isEqualTo(batch);
            assertThat(bySteps.firstSample(step)).isEqualTo(seenBySteps);
            seenBySteps += batch;
            assertThat(bySteps.totalSteps(seenBySteps)).isEqualTo(step);
            assertThat(bySteps.totalSteps(seenBySteps + 1)).isEqualTo(step + 1);

            batch = start + microBatch * (int) Math.min(growth, growth * seenBySamples / length);
            assertThat(bySamples.batch(step)).isEqualTo(batch);
            assertThat(bySamples.firstSample(step)).isEqualTo(seenBySamples);
            seenBySamples += batch;
            assertThat(bySamples.totalSteps(seenBySamples)).isEqualTo(step);
        }
    }

    @Test
    void refusesWhatIsNoRamp() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchRamp.ofSteps(3, 12, 4, 5))
                .withMessageContaining("multiples of the micro-batch 4");
        assertThatIllegalArgumentException().isThrownBy(() -> BatchRamp.ofSteps(12, 4, 4, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> BatchRamp.ofSamples(4, 12, 4, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchRamp.constant(4).batch(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchRamp.constant(4).totalSteps(0));
    }
}
