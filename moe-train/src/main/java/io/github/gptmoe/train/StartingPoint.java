package io.github.gptmoe.train;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.TrainingData;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where a run goes on from, and whether this call may go on from there. Process 0 looks for it while it holds the lock of the
 * run folder; the others are told.
 *
 * @param config of this call
 * @param folder where the run lives
 * @param resume what this call asks for
 * @param told of what was skipped or is replaced
 */
record StartingPoint(RunConfig config, RunFolder folder, Resume resume, Consumer<String> told) {
    /**
     * Finds the checkpoint.
     *
     * @param store the run's checkpoints
     * @return the checkpoint, verified; empty if the run begins
     * @throws InputException if this call cannot go on from it
     */
    Optional<Checkpoint> find(CheckpointStore store) {
        Path explicit = resume.checkpoint();
        Optional<Checkpoint> start = explicit != null
                ? Optional.of(store.open(explicit))
                : resume.newest() ? store.newestValid(told) : Optional.empty();
        if (explicit == null && !resume.newest() && !store.list().isEmpty()) {
            throw mistake(
                    folder.path() + " already has checkpoints; continue it with --resume auto or choose another --out");
        }
        if (explicit != null) {
            requireNewest(store, explicit);
        }
        start.ifPresent(this::requireSameConfig);
        start.ifPresent(this::requireStepsLeft);
        return start;
    }

    private void requireStepsLeft(Checkpoint start) {
        long done = start.manifest().state().step();
        if (done > config.train().totalSteps(config.model().sequenceLength())) {
            throw mistake(folder.path() + " has made " + done + " steps already and this call asks for "
                    + config.train().totalSteps(config.model().sequenceLength())
                    + "; raise train.steps or choose another --out");
        }
    }

    /**
     * The configuration whose form of attention a run keeps.
     *
     * @param start where it goes on from
     * @return that of the run that is continued, unless it was in another precision, which other forms suit
     */
    Optional<RunConfig> configBefore(Optional<Checkpoint> start) {
        return (start.isPresent() ? start.map(this::configOf) : begun())
                .filter(run -> run.train().precision().equals(config.train().precision()));
    }

    /**
     * The configuration of a run that ended before its first checkpoint: started again, it is to have the same losses. Who names
     * a form or does not continue has no use for it; neither has a run of another model, which the folder may hold as yet.
     */
    private Optional<RunConfig> begun() {
        if (!resume.newest() || !isOwn() || config.train().namedAttention().isPresent()) {
            return Optional.empty();
        }
        try {
            return Optional.of(folder.readConfig()).filter(run -> run.model().equals(config.model()));
        } catch (ConfigException unreadable) {
            told.accept("warning: " + folder.config() + " cannot be read and is replaced: " + unreadable.getMessage());
            return Optional.empty();
        }
    }

    /** The configuration of the run a checkpoint is of: this one, or another whose weights a new run starts from. */
    private RunConfig configOf(Checkpoint checkpoint) {
        return isOwn() ? folder.readConfig() : new RunFolder(runOf(checkpoint)).readConfig();
    }

    private boolean isOwn() {
        return Files.isRegularFile(folder.config());
    }

    private static Path runOf(Checkpoint checkpoint) {
        return checkpoint.folder().toAbsolutePath().resolve("../..").normalize();
    }

    /** A run goes on as it began; another run may start from its weights, but not with another model. */
    private void requireSameConfig(Checkpoint checkpoint) {
        RunConfig before = configOf(checkpoint);
        if (isOwn()) {
            FrozenConfig.requireSame(folder, before, config);
        } else if (!before.model().equals(config.model())) {
            throw mistake("checkpoint " + checkpoint.folder() + " is of another model than this call's; use the model"
                    + " section of " + new RunFolder(runOf(checkpoint)).config());
        }
    }

    /** Rewinding inside a run would leave later checkpoints that the next automatic resume picks again. */
    private void requireNewest(CheckpointStore store, Path chosen) {
        List<Path> own = store.list();
        Path step = chosen.toAbsolutePath().normalize();
        List<Path> named =
                own.stream().map(path -> path.toAbsolutePath().normalize()).toList();
        if (named.contains(step) && !named.get(0).equals(step)) {
            throw mistake(
                    folder.path() + " has the later checkpoint " + own.get(0).getFileName() + "; to go back to "
                            + step.getFileName() + ", move the later ones away or choose another --out");
        }
    }

    /**
     * Lets the data go on where a checkpoint was made, or refuses other data.
     *
     * @param checkpoint where the run goes on from
     * @param data of this call
     */
    static void goOn(Checkpoint checkpoint, TrainingData data) {
        String before = checkpoint.manifest().dataFingerprint();
        if (!before.equals(data.fingerprint())) {
            throw mistake("the training data is not what " + checkpoint.folder() + " was trained on (fingerprint "
                    + data.fingerprint() + " instead of " + before
                    + "; one of data.tokenize stream begins with \"stream-\"); restore the files and data.tokenize,"
                    + " or begin another run with --out");
        }
        TrainingState state = checkpoint.manifest().state();
        data.resume(state.sample(), state.extra());
    }

    private static InputException mistake(String text) {
        return new InputException(InputException.Kind.CONFIGURATION, text);
    }
}
