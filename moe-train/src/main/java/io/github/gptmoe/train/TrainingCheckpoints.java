package io.github.gptmoe.train;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.model.ArrayFile;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorSource;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointDescription;
import io.github.gptmoe.train.checkpoint.CheckpointPart;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.TrainingState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which arrays of a training run go into a checkpoint, and back. */
final class TrainingCheckpoints {
    static final String WEIGHTS = "weights.safetensors";
    static final String OPTIMIZER = "optimizer.safetensors";
    private static final String UPDATES = "optimizerUpdates";

    private final CheckpointStore store;
    private final TrainingSetup setup;

    TrainingCheckpoints(CheckpointStore store, TrainingSetup setup) {
        this.store = store;
        this.setup = setup;
    }

    /** Writes FP32 masters, moments and counters; returns the checkpoint's folder. */
    Path save(RunIdentity identity, TrainingState state) {
        List<TensorSource> weights = new ArrayList<>();
        for (ModelParameter parameter : setup.model().parameters()) {
            weights.add(ArrayFile.source(parameter.name(), parameter.parameter().getArray()));
        }
        List<TensorSource> moments = new ArrayList<>();
        setup.optimizer().state().forEach((name, array) -> moments.add(ArrayFile.source(name, array)));
        CheckpointDescription description = new CheckpointDescription(
                identity.runId(),
                withUpdates(state),
                identity.configHash(),
                identity.dataFingerprint(),
                identity.versions());
        return store.save(
                description,
                List.of(
                        new CheckpointPart(WEIGHTS, Map.of(), weights),
                        new CheckpointPart(OPTIMIZER, Map.of(), moments)));
    }

    private TrainingState withUpdates(TrainingState state) {
        Map<String, String> extra = new TreeMap<>(state.extra());
        extra.put(UPDATES, Long.toString(setup.optimizer().updates()));
        return new TrainingState(
                state.step(), state.tokens(), state.sample(), state.seed(), state.nonFiniteInARow(), extra);
    }

    /** Loads everything {@link #save} wrote and returns the counters. */
    TrainingState restore(Checkpoint checkpoint) {
        try (TensorFiles files = checkpoint.openTensors(WEIGHTS)) {
            for (ModelParameter parameter : setup.model().parameters()) {
                ArrayFile.load(files, parameter.name(), parameter.parameter().getArray());
            }
        } catch (IOException e) {
            throw unusable(checkpoint, e);
        }
        try (TensorFiles files = checkpoint.openTensors(OPTIMIZER)) {
            for (Map.Entry<String, NDArray> moment : setup.optimizer().state().entrySet()) {
                ArrayFile.load(files, moment.getKey(), moment.getValue());
            }
        } catch (IOException e) {
            throw unusable(checkpoint, e);
        }
        setup.weights().refresh(setup.model());
        TrainingState state = checkpoint.manifest().state();
        setup.optimizer().resume(Long.parseLong(state.extra().getOrDefault(UPDATES, Long.toString(state.step()))));
        return state;
    }

    private static InputException unusable(Checkpoint checkpoint, IOException cause) {
        return new InputException(
                InputException.Kind.CONFIGURATION,
                "checkpoint " + checkpoint.folder() + " cannot be continued from: " + cause.getMessage(),
                cause);
    }
}
