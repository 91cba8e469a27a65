package io.github.gptmoe.train.config;

import io.github.gptmoe.train.checkpoint.CheckpointStore;
import java.util.Map;
import java.util.Objects;

/**
 * When a run saves itself, and how many of its checkpoints stay on the disk.
 *
 * @param everySteps optimizer steps between two checkpoints; 0 writes one at the end only; default 500
 * @param keepLast newest checkpoints kept, older ones are deleted after a newer one is complete; at least 2, the
 *     default
 */
public record CheckpointConfig(Long everySteps, Integer keepLast) {

    /**
     * Fills in defaults.
     *
     * @param everySteps as above
     * @param keepLast as above
     */
    public CheckpointConfig {
        everySteps = Objects.requireNonNullElse(everySteps, 500L);
        keepLast = Objects.requireNonNullElse(keepLast, 2);
    }

    /**
     * The section when it is left out.
     *
     * @return every 500 steps, two kept
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static CheckpointConfig defaults() {
        return new CheckpointConfig(null, null);
    }

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code checkpoint} to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        return new Rules()
                .atLeast("everySteps", everySteps, 0)
                .require(
                        keepLast >= CheckpointStore.MIN_KEEP_LAST,
                        "keepLast",
                        keepLast + " must be at least " + CheckpointStore.MIN_KEEP_LAST
                                + ": the newest may turn out to be damaged")
                .problems();
    }
}
