package io.github.gptmoe.train;

import io.github.gptmoe.router.LoadReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/** Counts of experts' loads as numbers that ranks can sum. They stay far below 2^53, so a double holds them exactly. */
final class LoadNumbers {
    private LoadNumbers() {}

    static DoubleStream of(Collection<LoadReport.Counter> counters) {
        return counters.stream().flatMapToDouble(LoadNumbers::numbers);
    }

    private static DoubleStream numbers(LoadReport.Counter counter) {
        return DoubleStream.concat(
                counter.assigned().stream().mapToDouble(Long::doubleValue),
                LongStream.of(counter.dropped(), counter.measured(), counter.insideMargin())
                        .asDoubleStream());
    }

    /** Reads counters of the same layers back, from an index on. */
    static List<LoadReport.Counter> read(double[] numbers, int from, Collection<LoadReport.Counter> like) {
        List<LoadReport.Counter> counters = new ArrayList<>();
        int at = from;
        for (LoadReport.Counter counter : like) {
            List<Long> assigned = new ArrayList<>();
            for (int expert = 0; expert < counter.assigned().size(); expert++) {
                assigned.add((long) numbers[at++]);
            }
            counters.add(
                    new LoadReport.Counter(assigned, (long) numbers[at++], (long) numbers[at++], (long) numbers[at++]));
        }
        return counters;
    }
}
