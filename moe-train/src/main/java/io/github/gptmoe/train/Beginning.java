package io.github.gptmoe.train;

import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointException;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.rendezvous.World;
import io.github.gptmoe.train.report.RunSummary;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What process 0 has decided for all, and what the others make of it: they read the same run folder, wherever it is mounted.
 *
 * @param finished whether the run needs no more steps
 * @param checkpoint where it goes on from, relative to the run folder if it lies there; empty if it begins
 * @param weights whose weights it begins with; empty if with those of its seed, or if it goes on
 * @param attention label of the form that all compute
 */
record Beginning(boolean finished, String checkpoint, String weights, String attention) {
    private static final String SHARED = "; all processes need one run folder (--out), on a disk that all can reach";

    /** Nothing is left to do. */
    static Beginning none() {
        return new Beginning(true, "", "", "");
    }

    static Beginning of(RunFolder folder, Start start, RunConfig resolved) {
        return new Beginning(
                false,
                place(folder, start.continued()),
                place(folder, start.weights()),
                resolved.train().attention());
    }

    private static String place(RunFolder folder, Optional<Checkpoint> checkpoint) {
        Path run = folder.path().toAbsolutePath().normalize();
        return checkpoint
                .map(from -> from.folder().toAbsolutePath().normalize())
                .map(from -> from.startsWith(run) ? run.relativize(from) : from)
                .map(Path::toString)
                .orElse("");
    }

    /** Called by process 0: lets the others begin. */
    void tell(World world) {
        world.settle("", said -> Told.text(this));
    }

    /** Called by the others: waits until process 0 has looked for checkpoints and packed the data. */
    static Beginning hear(World world) {
        return Told.read(
                world.settle("", said -> {
                    throw new IllegalStateException("process 0 tells, and does not ask");
                }),
                Beginning.class);
    }

    /** The summary of a finished run, as this process finds it in the folder. */
    RunSummary summary(RunFolder folder) {
        return folder.readSummary()
                .orElseThrow(() -> new InputException(
                        InputException.Kind.CONFIGURATION,
                        "process 0 has a finished run, but there is no " + folder.summary() + " here" + SHARED));
    }

    /** The checkpoints, as this process finds them. */
    Start open(RunFolder folder, CheckpointStore store) {
        return new Start(
                open(folder, store, checkpoint, "goes on from"),
                open(folder, store, weights, "begins with the weights of"));
    }

    private static Optional<Checkpoint> open(RunFolder folder, CheckpointStore store, String place, String does) {
        if (place.isEmpty()) {
            return Optional.empty();
        }
        Path path = folder.path().resolve(place);
        try {
            return Optional.of(store.openVerified(path));
        } catch (CheckpointException unusable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "process 0 " + does + " " + place + ", which cannot be used here: " + unusable.getMessage()
                            + SHARED,
                    unusable);
        }
    }

    /** This call's configuration with what process 0 chose. */
    RunConfig resolve(RunConfig config) {
        return config.withAttention(NamedAttention.of(attention)
                .orElseThrow(() -> new IllegalStateException("process 0 chose the attention " + attention)));
    }
}
