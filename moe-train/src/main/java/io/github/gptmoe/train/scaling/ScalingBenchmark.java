package io.github.gptmoe.train.scaling;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures points in rounds, a, b, c, a, b, c, ...: a machine that gets slower in between slows all values alike. A point
 * that failed is not tried again.
 */
public final class ScalingBenchmark {
    /** Hears of every measurement. */
    public interface Listener {
        /**
         * One begins.
         *
         * @param round from 1
         * @param point what is measured
         */
        void starting(int round, ScalingPoint point);

        /**
         * One has ended.
         *
         * @param round from 1
         * @param point what was measured
         * @param outcome what it came to
         */
        void ended(int round, ScalingPoint point, StepOutcome outcome);
    }

    private ScalingBenchmark() {}

    /**
     * Measures.
     *
     * @param points what
     * @param rounds how often each
     * @param measurement how
     * @param listener hears of it
     * @return for each point its outcomes by round; only the last one of a point can be a failure
     * @throws IOException as the measurement
     * @throws InterruptedException as the measurement
     */
    public static List<List<StepOutcome>> run(
            List<ScalingPoint> points, int rounds, StepMeasurement measurement, Listener listener)
            throws IOException, InterruptedException {
        List<List<StepOutcome>> outcomes = new ArrayList<>();
        points.forEach(point -> outcomes.add(new ArrayList<>()));
        for (int round = 1; round <= rounds; round++) {
            for (int i = 0; i < points.size(); i++) {
                if (failure(outcomes.get(i)) == null) {
                    listener.starting(round, points.get(i));
                    StepOutcome outcome = measurement.measure(points.get(i));
                    outcomes.get(i).add(outcome);
                    listener.ended(round, points.get(i), outcome);
                }
            }
        }
        return outcomes;
    }

    static @Nullable String failure(List<StepOutcome> outcomes) {
        return outcomes.isEmpty() ? null : outcomes.get(outcomes.size() - 1).failure();
    }
}
