package io.github.gptmoe.train;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A verified checkpoint and the run it belongs to.
 *
 * @param run the run's folder
 * @param checkpoint one of its checkpoints
 */
public record RunCheckpoint(RunFolder run, Checkpoint checkpoint) {
    /**
     * Finds a checkpoint by a path that people give.
     *
     * @param folder a run folder, of which the newest sound checkpoint is taken, or a checkpoint folder inside a run
     * @param warnings hears of damaged checkpoints that were passed over
     * @return the checkpoint
     * @throws InputException if there is none
     */
    public static RunCheckpoint of(Path folder, Consumer<String> warnings) {
        RunFolder asRun = new RunFolder(folder);
        if (Files.isRegularFile(asRun.config())) {
            return new RunCheckpoint(asRun, newest(asRun, warnings));
        }
        if (Files.isRegularFile(folder.resolve("manifest.json"))) {
            return new RunCheckpoint(runOf(folder), store(asRun).open(folder));
        }
        throw new InputException(
                InputException.Kind.ENVIRONMENT,
                folder + (Files.isDirectory(folder) ? " is neither a run nor a checkpoint" : " is no folder")
                        + "; give a run folder (with config.yaml) or one of its checkpoints/step-N folders;"
                        + " 'moe pretrain --config quickstart' makes a run");
    }

    private static Checkpoint newest(RunFolder run, Consumer<String> warnings) {
        return store(run)
                .newestValid(warnings)
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
