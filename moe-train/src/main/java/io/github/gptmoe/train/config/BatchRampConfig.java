package io.github.gptmoe.train.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the global batch grows at the beginning of a run. Arithmetic: {@link BatchRamp}.
 *
 * @param start sequences of the first step
 * @param increment sequences by which a step grows; {@code globalBatch - start} is a multiple of it
 * @param samples sequences after which {@code globalBatch} is reached, in equal shares for the sizes before it
 */
public record BatchRampConfig(
        @Nullable Integer start,
        @Nullable Integer increment,
        @Nullable Long samples) {

    /**
     * Whether there are steps of several sizes.
     *
     * @param globalBatch sequences of a step after the ramp
     * @return false if all are of the same
     */
    public boolean growsTo(int globalBatch) {
        return start != null && start < globalBatch;
    }

    /**
     * Whether every step can be cut into pieces of a size.
     *
     * @param sequences of a piece, at least 1
     * @return true if start and increment are multiples of it
     */
    public boolean isDividedBy(long sequences) {
        return start != null && start % sequences == 0 && increment != null && increment % sequences == 0;
    }

    /**
     * Everything wrong with this section.
     *
     * @param globalBatch {@code train.globalBatch}
     * @param microBatch {@code train.microBatch}
     * @return key relative to {@code train.batchRamp} to what is wrong and the remedy
     */
    Map<String, String> problems(int globalBatch, int microBatch) {
        Rules rules = new Rules();
        rules.require(start != null, "start", "is missing; give the sequences of the first step");
        rules.require(increment != null, "increment", "is missing; give the sequences by which a step grows");
        rules.require(samples != null, "samples", "is missing; give the sequences after which globalBatch is reached");
        if (start == null || increment == null || samples == null) {
            return rules.problems();
        }
        rules.atLeast("start", start, 1).atLeast("increment", increment, 1).atLeast("samples", samples, 1);
        if (globalBatch < 1 || microBatch < 1 || start < 1 || increment < 1) {
            return rules.problems();
        }
        return rules.require(
                        start <= globalBatch,
                        "start",
                        start + " is above globalBatch " + globalBatch + "; a batch only grows")
                .require(
                        start % microBatch == 0,
                        "start",
                        start + " is no multiple of microBatch " + microBatch + ", in which every step is made")
                .require(
                        increment % microBatch == 0,
                        "increment",
                        increment + " is no multiple of microBatch " + microBatch + ", in which every step is made")
                .require(
                        (globalBatch - start) % increment == 0,
                        "increment",
                        increment + " does not lead from start " + start + " to globalBatch " + globalBatch
                                + "; use a divisor of " + (globalBatch - start))
                .problems();
    }
}
