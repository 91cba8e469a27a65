package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.TokenBatch;
import org.junit.jupiter.api.Test;

class TimedBatchesTest {
    private long now = 1_000;

    private TokenBatch slow(long sample, int sequences) {
        now += 70 * sequences;
        return new TokenBatch(sample, sequences, 1, new long[sequences], new long[sequences]);
    }

    @Test
    void onlyTheTimeFromAskingToHavingCounts() {
        TimedBatches batches = new TimedBatches(this::slow, () -> now);
        assertThat(batches.waitedNanos()).isZero();
        TokenBatch first = batches.batch(8, 2);
        now += 5_000; // the step itself
        batches.batch(10, 1);
        assertThat(batches.waitedNanos()).isEqualTo(210);
        assertThat(first.firstSample()).isEqualTo(8);
        assertThat(first.sequences()).isEqualTo(2);
    }

    @Test
    void failuresOfTheSourcePassThrough() {
        TimedBatches batches = new TimedBatches(
                (sample, sequences) -> {
                    now += 30;
                    throw new IllegalStateException("shard gone");
                },
                () -> now);
        assertThatThrownBy(() -> batches.batch(0, 1)).hasMessage("shard gone");
        assertThat(batches.waitedNanos()).isEqualTo(30);
    }
}
