package io.github.gptmoe.train;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a run starts.
 *
 * @param newest take the newest checkpoint of the run folder that verifies, if there is one
 * @param checkpoint take this one and no other
 */
public record Resume(boolean newest, @Nullable Path checkpoint) {
    /**
     * Continues where the run folder was left, or begins.
     *
     * @return {@code --resume auto}
     */
    public static Resume auto() {
        return new Resume(true, null);
    }

    /**
     * Begins; a run folder that has checkpoints is refused.
     *
     * @return {@code --resume never}
     */
    public static Resume never() {
        return new Resume(false, null);
    }

    /**
     * Continues from one checkpoint.
     *
     * @param checkpoint its folder
     * @return {@code --resume PATH}
     */
    public static Resume from(Path checkpoint) {
        return new Resume(false, checkpoint);
    }
}
