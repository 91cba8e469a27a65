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
 * @param shardBytes largest size of a file: weights and optimizer state that are larger are spread over several, with an
 *     index; a single tensor is never cut; default 4 GiB
 */
public record CheckpointConfig(Long everySteps, Integer keepLast, Long shardBytes) {
    private static final long MIN_SHARD_BYTES = 1L << 20;

    /**
     * Fills in defaults.
     *
     * @param everySteps as above
     * @param keepLast as above
     * @param shardBytes as above
     */
    public CheckpointConfig {
        everySteps = Objects.requireNonNullElse(everySteps, 500L);
        keepLast = Objects.requireNonNullElse(keepLast, 2);
        shardBytes = Objects.requireNonNullElse(shardBytes, CheckpointStore.USUAL_SHARD_BYTES);
    }

    /**
     * The section when it is left out.
     *
     * @return every 500 steps, two kept, in files of at most 4 GiB
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static CheckpointConfig defaults() {
        return new CheckpointConfig(null, null, null);
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
                .atLeast("shardBytes", shardBytes, MIN_SHARD_BYTES)
                .problems();
    }
}
