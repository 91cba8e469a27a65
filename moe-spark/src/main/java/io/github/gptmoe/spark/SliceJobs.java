package io.github.gptmoe.spark;

import io.github.gptmoe.data.InputException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;

/** Jobs with a task for each slice. */
final class SliceJobs {
    private SliceJobs() {}

    /** What a task does. */
    @FunctionalInterface
    interface Work<T extends Serializable> extends Serializable {
        /**
         * Works on a slice.
         *
         * @param slice what to read
         * @return what came of it
         * @throws Exception for what another attempt may not meet; an {@link InputException} is for the user instead
         */
        SliceOutcome<T> on(Slice slice) throws Exception;
    }

    /** Runs a job; outcomes are in the order of the slices. */
    static <T extends Serializable> List<SliceOutcome<T>> run(
            JavaSparkContext spark, String what, List<Slice> slices, Work<T> work) {
        spark.setJobDescription(what);
        if (slices.isEmpty()) {
            return List.of();
        }
        return spark.parallelize(slices, slices.size())
                .map(slice -> outcome(work, slice))
                .collect();
    }

    private static <T extends Serializable> SliceOutcome<T> outcome(Work<T> work, Slice slice) throws Exception {
        try {
            return work.on(slice);
        } catch (InputException failed) {
            return SliceOutcome.failed(failed);
        }
    }

    /** The results; throws the first failure. */
    static <T extends Serializable> List<T> values(List<SliceOutcome<T>> outcomes) {
        List<T> values = new ArrayList<>();
        for (SliceOutcome<T> outcome : outcomes) {
            SliceOutcome.Failure failure = outcome.failure();
            if (failure != null) {
                throw failure.exception();
            }
            values.add(Objects.requireNonNull(outcome.value()));
        }
        return values;
    }
}
