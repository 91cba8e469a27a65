package io.github.gptmoe.eval;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import java.nio.file.Files;
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
        RunFolder asRun = new RunFolder(folder);
        if (Files.isRegularFile(asRun.config())) {
            return new CheckpointLocation(asRun, newest(asRun));
        }
        if (Files.isRegularFile(folder.resolve("manifest.json"))) {
            return new CheckpointLocation(runOf(folder), store(asRun).open(folder));
        }
        throw new InputException(
                InputException.Kind.ENVIRONMENT,
                folder + (Files.isDirectory(folder) ? " is neither a run nor a checkpoint" : " is no folder")
                        + "; give a run folder (with config.yaml) or one of its checkpoints/step-N folders;"
                        + " 'moe pretrain --config quickstart' makes a run");
    }

    private static Checkpoint newest(RunFolder run) {
        return store(run)
                .newestValid(LOG::warn)
                .orElseThrow(() -> new InputException(
                        InputException.Kind.ENVIRONMENT,
                        run.path() + " has no checkpoint yet; go on training it with 'moe pretrain --config "
                                + run.config() + " --out " + run.path() + "'"));
    }

    private static CheckpointStore store(RunFolder run) {
        return new CheckpointStore(run.checkpoints(), CheckpointStore.MIN_KEEP_LAST);
    }

    private static RunFolder runOf(Path checkpoint) {
        Path checkpoints = checkpoint.toAbsolutePath().normalize().getParent();
        Path run = checkpoints == null ? null : checkpoints.getParent();
        if (run == null || !Files.isRegularFile(new RunFolder(run).config())) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    checkpoint + " does not lie in RUN/checkpoints of a run with a config.yaml, which tells its model;"
                            + " copy the run's config.yaml along");
        }
        return new RunFolder(run);
    }
}
