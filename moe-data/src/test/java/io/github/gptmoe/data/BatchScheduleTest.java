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
        assertThat(first(new BatchSchedule(100, 2, 0, 1), 5)).containsExactly(100, 102, 104, 106, 108);
    }

    @Test
    void ranksTakeTheMicroBatchesInTurn() {
        assertThat(first(new BatchSchedule(8, 2, 0, 2), 5)).containsExactly(8, 12, 16, 20, 24);
        assertThat(first(new BatchSchedule(8, 2, 1, 2), 5)).containsExactly(10, 14, 18, 22, 26);
        assertThat(first(new BatchSchedule(0, 2, 1, 2), 3)).containsExactly(2, 6, 10);
    }

    @Test
    void ranksTogetherMissNothingAndShareNothing() {
        TreeSet<Long> seen = new TreeSet<>();
        for (int rank = 0; rank < 3; rank++) {
            for (long sample : first(new BatchSchedule(5, 2, rank, 3), 8)) {
                assertThat(seen.add(sample)).isTrue();
            }
        }
        assertThat(seen)
                .containsExactlyElementsOf(
                        LongStream.range(0, 24).map(i -> 5 + 2 * i).boxed().toList());
    }

    /** What ranks ask for, step by step, whatever the sizes of the steps. */
    @Test
    void stepsMayGrow() {
        BatchSchedule[] ranks = {new BatchSchedule(3, 2, 0, 2), new BatchSchedule(3, 2, 1, 2)};
        long sample = 3;
        int request = 0;
        for (int batch : new int[] {4, 4, 8, 12, 4}) {
            for (int micro = 0; micro < batch / 2; micro++) {
                assertThat(ranks[micro % 2].sample(request + micro / 2)).isEqualTo(sample + 2L * micro);
            }
            request += batch / 4;
            sample += batch;
        }
    }

    @Test
    void numbersOfLongRunsDoNotOverflow() {
        assertThat(new BatchSchedule(0, 1 << 10, 0, 1).sample(1L << 40)).isEqualTo(1L << 50);
    }

    @ParameterizedTest
    @CsvSource({"-1, 2, 0, 1", "0, 0, 0, 1", "0, 2, -1, 2", "0, 2, 2, 2", "0, 2, 0, 0"})
    void refusesWhatIsNoRank(long firstSample, int microBatch, int rank, int ranks) {
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchSchedule(firstSample, microBatch, rank, ranks));
    }
}
