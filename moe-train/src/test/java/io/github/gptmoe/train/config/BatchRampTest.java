package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchRampTest {
    private static List<Integer> batches(BatchRamp ramp, int steps) {
        List<Integer> batches = new ArrayList<>();
        long sample = 0;
        for (int step = 0; step < steps; step++) {
            batches.add(ramp.batch(sample));
            sample += ramp.batch(sample);
        }
        return batches;
    }

    @Test
    void growsByWhatWasSeen() {
        // 2 after 0, 2 after 2, 4 after 4, 6 after 8, 8 after 14
        assertThat(batches(new BatchRamp(2, 2, 8, 12), 6)).containsExactly(2, 2, 4, 6, 8, 8);
    }

    @Test
    void skipsSizesWhenSteep() {
        assertThat(batches(new BatchRamp(8, 1, 16, 4), 3)).containsExactly(8, 16, 16);
    }

    @Test
    void withoutARampEveryStepIsAlike() {
        BatchRamp ramp = BatchRamp.constant(6);
        assertThat(batches(ramp, 3)).containsExactly(6, 6, 6);
        assertThat(ramp.sampleAfter(0, 1_000_000_000L)).isEqualTo(6_000_000_000L);
        assertThat(ramp.steps(13)).isEqualTo(3);
        assertThat(ramp.steps(0)).isZero();
    }

    /** Against the definition, step by step, and from every step on. */
    @ParameterizedTest
    @CsvSource({
        "4, 4, 12, 5",
        "1, 1, 64, 10",
        "2, 2, 64, 1000",
        "8, 8, 8, 3",
        "3, 3, 33, 1",
        "16, 48, 256, 7700",
        "5, 3, 8, 40"
    })
    void isWhatTheDefinitionSays(int start, int increment, int globalBatch, long samples) {
        BatchRamp ramp = new BatchRamp(start, increment, globalBatch, samples);
        int levels = (globalBatch - start) / increment;
        List<Long> begins = new ArrayList<>(List.of(0L));
        for (int step = 1; step <= 700; step++) {
            long seen = begins.get(step - 1);
            int batch = start + increment * (int) Math.min(levels, levels * seen / samples);
            assertThat(ramp.batch(seen)).isEqualTo(batch);
            seen += batch;
            begins.add(seen);
            assertThat(ramp.steps(seen)).isEqualTo(step);
            assertThat(ramp.steps(seen + 1)).isEqualTo(step + 1);
            assertThat(ramp.sampleAfter(0, step)).isEqualTo(seen);
        }
        for (int from = 0; from < 700; from += 13) {
            assertThat(ramp.sampleAfter(begins.get(from), 700 - from)).isEqualTo(begins.get(700));
        }
    }

    /** Sizes times samples may exceed a long. */
    @Test
    void longRampsDoNotOverflow() {
        long samples = 3_000_000_000_000_000_001L;
        BatchRamp ramp = new BatchRamp(1, 1, 1_000_001, samples);
        for (long sample : new long[] {0, 1, samples / 3, samples - 1, samples, Long.MAX_VALUE}) {
            long exact = BigInteger.valueOf(sample)
                    .multiply(BigInteger.valueOf(1_000_000))
                    .divide(BigInteger.valueOf(samples))
                    .min(BigInteger.valueOf(1_000_000))
                    .longValueExact();
            assertThat(ramp.batch(sample)).as("after %d", sample).isEqualTo(1 + (int) exact);
        }
    }

    @Test
    void refusesWhatIsNoRamp() {
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchRamp(3, 4, 12, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchRamp(12, 4, 4, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchRamp(4, 4, 12, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchRamp(4, 0, 12, 9));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchRamp.constant(4).batch(-1));
    }

    /** A run "until I stop it". */
    @Test
    void runsOfAnyLengthHaveALength() {
        BatchRamp growing = new BatchRamp(4, 4, 8, 100);
        assertThat(growing.sampleAfter(0, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(growing.sampleAfter(Long.MAX_VALUE - 10, 1000)).isEqualTo(Long.MAX_VALUE);
        assertThat(growing.sampleAfter(0, 1000)).isLessThan(8000).isGreaterThan(7000);
        assertThat(growing.steps(Long.MAX_VALUE)).isBetween(Long.MAX_VALUE / 8, Long.MAX_VALUE / 8 + 100);
    }
}
