package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.ShardSplit;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Tensors of a checkpoint that is to be written: one safetensors file, or several with an index where they are large.
 *
 * @param fileName plain name that ends in {@code .safetensors}
 * @param metadata pairs for the header of each file; {@code runId} and {@code step} are added by the store
 * @param tensors what is to be stored
 */
public record CheckpointPart(String fileName, Map<String, String> metadata, List<TensorSource> tensors) {
    // Room for the number of a shard and for .index.json beside the longest name that a manifest takes.
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,180}\\.safetensors");

    static final String RUN_ID = "runId";
    static final String STEP = "step";

    /**
     * Checks the name and copies the collections.
     *
     * @param fileName plain name
     * @param metadata pairs for the header of each file
     * @param tensors what is to be stored
     */
    public CheckpointPart {
        if (!PLAIN_NAME.matcher(fileName).matches()) {
            throw new IllegalArgumentException("not a plain name that ends in .safetensors: " + fileName);
        }
        if (metadata.containsKey(RUN_ID) || metadata.containsKey(STEP)) {
            throw new IllegalArgumentException(fileName + ": the store itself writes runId and step");
        }
        metadata = Map.copyOf(metadata);
        tensors = List.copyOf(tensors);
    }

    /** Spreads the tensors over files of at most {@code shardBytes}, as far as no tensor is larger. */
    ShardSplit split(CheckpointDescription description, long shardBytes) throws IOException {
        return ShardSplit.of(fileName, stamped(description), tensors, shardBytes);
    }

    /** Returns the header pairs of the file, sorted so that the same checkpoint gives the same bytes. */
    Map<String, String> stamped(CheckpointDescription description) {
        Map<String, String> all = new HashMap<>(metadata);
        all.put(RUN_ID, description.runId());
        all.put(STEP, Long.toString(description.state().step()));
        return new TreeMap<>(all);
    }
}
