package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.TensorSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One safetensors file of a checkpoint that is to be written.
 *
 * @param fileName plain name that ends in {@code .safetensors}
 * @param metadata pairs for the file's header; {@code runId} and {@code step} are added by the store
 * @param tensors what the file holds
 */
public record CheckpointPart(String fileName, Map<String, String> metadata, List<TensorSource> tensors) {
    static final String RUN_ID = "runId";
    static final String STEP = "step";

    /**
     * Checks the name and copies the collections.
     *
     * @param fileName plain name
     * @param metadata pairs for the file's header
     * @param tensors what the file holds
     */
    public CheckpointPart {
        FileEntry.requirePlainName(fileName);
        if (metadata.containsKey(RUN_ID) || metadata.containsKey(STEP)) {
            throw new IllegalArgumentException(fileName + ": the store itself writes runId and step");
        }
        metadata = Map.copyOf(metadata);
        tensors = List.copyOf(tensors);
    }

    /** Returns the header pairs of the file, sorted so that the same checkpoint gives the same bytes. */
    Map<String, String> stamped(CheckpointDescription description) {
        Map<String, String> all = new HashMap<>(metadata);
        all.put(RUN_ID, description.runId());
        all.put(STEP, Long.toString(description.state().step()));
        return new TreeMap<>(all);
    }
}
