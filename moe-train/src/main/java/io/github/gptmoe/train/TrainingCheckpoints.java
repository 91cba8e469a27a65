package io.github.gptmoe.train;

import io.github.gptmoe.core.model.ArrayLoader;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorMismatchException;
import io.github.gptmoe.core.safetensors.TensorSource;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointDescription;
import io.github.gptmoe.train.checkpoint.CheckpointPart;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.optim.StateShard;
import io.github.gptmoe.train.sharding.GatheredTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * Which arrays of a training run go into a checkpoint, and back. Tensors are stored whole, whatever ranks they were divided
 * over, so any number of ranks can go on from any checkpoint.
 */
final class TrainingCheckpoints {
    static final String WEIGHTS = "weights.safetensors";
    static final String OPTIMIZER = "optimizer.safetensors";
    private static final String UPDATES = "optimizerUpdates";

    private final CheckpointStore store;
    private final TrainingSetup setup;
    private final LongFunction<Map<String, String>> dataState;

    /** {@code dataState} says what belongs to the data at the number of the next sample; only the rank that writes asks. */
    TrainingCheckpoints(CheckpointStore store, TrainingSetup setup, LongFunction<Map<String, String>> dataState) {
        this.store = store;
        this.setup = setup;
        this.dataState = dataState;
    }

    /**
     * Writes FP32 masters, the optimizer's state and counters. All ranks call it, rank 0 writes.
     *
     * @return the checkpoint's folder on rank 0; empty on the others, or where rank 0 failed, which throws there
     */
    Saved save(RunIdentity identity, TrainingState state) {
        ProcessGroup ranks = setup.groups().world();
        List<StateShard> own = new ArrayList<>(setup.state().masters());
        own.addAll(setup.updates().state());
        GatheredTensors tensors = GatheredTensors.of(setup.manager(), ranks, own);
        if (ranks.rank() > 0) {
            return new Saved(tensors.serve(), Optional.empty());
        }
        try (tensors) {
            Path folder = write(tensors, identity, state);
            tensors.succeeded();
            return new Saved(true, Optional.of(folder));
        }
    }

    /**
     * How saving ended.
     *
     * @param done whether there is a checkpoint
     * @param folder its folder, on the rank that wrote it
     */
    record Saved(boolean done, Optional<Path> folder) {}

    private Path write(GatheredTensors tensors, RunIdentity identity, TrainingState state) {
        List<TensorSource> weights = new ArrayList<>();
        List<TensorSource> optimizer = new ArrayList<>();
        for (TensorSource tensor : tensors.sources()) {
            (tensor.name().startsWith(StateShard.PREFIX) ? optimizer : weights).add(tensor);
        }
        CheckpointDescription description = new CheckpointDescription(
                identity.runId(),
                complete(state),
                identity.configHash(),
                identity.dataFingerprint(),
                identity.versions());
        return store.save(
                description,
                List.of(
                        new CheckpointPart(WEIGHTS, Map.of(), weights),
                        new CheckpointPart(OPTIMIZER, Map.of(), optimizer)),
                tensors::stillWriting);
    }

    private TrainingState complete(TrainingState state) {
        Map<String, String> extra = new TreeMap<>(state.extra());
        extra.putAll(dataState.apply(state.sample()));
        extra.put(UPDATES, Long.toString(setup.updates().count()));
        return new TrainingState(
                state.step(), state.tokens(), state.sample(), state.seed(), state.nonFiniteInARow(), extra);
    }

    /** Loads what this rank holds of everything {@link #save} wrote, and returns the counters. All ranks call it. */
    TrainingState restore(Checkpoint checkpoint) {
        load(checkpoint, WEIGHTS, setup.state().masters());
        load(checkpoint, OPTIMIZER, setup.updates().state());
        setup.state().refresh();
        TrainingState state = checkpoint.manifest().state();
        setup.updates().resume(Long.parseLong(state.extra().getOrDefault(UPDATES, Long.toString(state.step()))));
        return state;
    }

    /** Loads what this rank holds of the weights alone. The optimizer stays as it was allocated. All ranks call it. */
    void restoreWeights(Checkpoint checkpoint) {
        load(checkpoint, WEIGHTS, setup.state().masters());
        setup.state().refresh();
    }

    private static void load(Checkpoint checkpoint, String fileName, List<StateShard> shards) {
        try (TensorFiles files = checkpoint.openTensors(fileName)) {
            ArrayLoader loader = new ArrayLoader();
            for (StateShard shard : shards) {
                loader.add(files, shard.name(), shard.shape().getShape(), shard.from(), shard.array());
            }
            loader.load();
        } catch (IOException e) {
            throw unusable(checkpoint.folder(), e);
        }
    }

    /** A sound checkpoint of another model is a mistake of the call; anything else is the disk's fault. */
    static InputException unusable(Path checkpoint, IOException cause) {
        String what = "checkpoint " + checkpoint + " cannot be continued from: " + cause.getMessage();
        return cause instanceof TensorMismatchException
                ? new InputException(InputException.Kind.CONFIGURATION, what, cause)
                : new InputException(
                        InputException.Kind.ENVIRONMENT,
                        what
                                + "; check the disk, then the same call tries again, or restore the checkpoint from a copy",
                        cause);
    }
}
