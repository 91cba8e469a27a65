package io.github.gptmoe.eval;

import io.github.gptmoe.train.RunCheckpoint;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A verified checkpoint and the run it belongs to.
 *
 * @param run the run's folder
 * @param checkpoint one of its checkpoints
 */
record CheckpointLocation(RunFolder run, Checkpoint checkpoint) {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointLocation.class);

    /** Accepts a run folder, of which it takes the newest sound checkpoint, or a checkpoint folder inside a run. */
    static CheckpointLocation of(Path folder) {
        RunCheckpoint found = RunCheckpoint.of(folder, LOG::warn);
        return new CheckpointLocation(found.run(), found.checkpoint());
    }
}
