package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchScheduleTest {
    private static long[] first(BatchSchedule schedule, int requests) {
        return LongStream.range(0, requests).map(schedule::sample).toArray();
    }

    @Test
    void oneProcessGoesThroughTheSamplesInOrder() {
        assertThat(first(new BatchSchedule(100, 6, 2, 0, 1), 5)).containsExactly(100, 102, 104, 106, 108);
    }

    @Test
    void ranksTakeTheMicroBatchesInTurn() {
        assertThat(first(new BatchSchedule(8, 8, 2, 0, 2), 5)).containsExactly(8, 12, 16, 20, 24);
        assertThat(first(new BatchSchedule(8, 8, 2, 1, 2), 5)).containsExactly(10, 14, 18, 22, 26);
        assertThat(first(new BatchSchedule(0, 4, 2, 1, 2), 3)).containsExactly(2, 6, 10);
    }

    @Test
    void ranksTogetherMissNothingAndShareNothing() {
        TreeSet<Long> seen = new TreeSet<>();
        for (int rank = 0; rank < 3; rank++) {
            for (long sample : first(new BatchSchedule(5, 12, 2, rank, 3), 8)) {
                assertThat(seen.add(sample)).isTrue();
            }
        }
        assertThat(seen)
                .containsExactlyElementsOf(
                        LongStream.range(0, 24).map(i -> 5 + 2 * i).boxed().toList());
    }

    @Test
    void numbersOfLongRunsDoNotOverflow() {
        assertThat(new BatchSchedule(0, 1 << 20, 1 << 10, 0, 1).sample(1L << 40))
                .isEqualTo(1L << 50);
    }

    @ParameterizedTest
    @CsvSource({"-1, 4, 2, 0, 1", "0, 4, 0, 0, 1", "0, 4, 3, 0, 1", "0, 6, 2, 0, 2", "0, 4, 2, 2, 2", "0, 0, 1, 0, 1"})
    void refusesWhatCannotBeDivided(long firstSample, int globalBatch, int microBatch, int rank, int ranks) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchSchedule(firstSample, globalBatch, microBatch, rank, ranks));
    }
}
