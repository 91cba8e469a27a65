package io.github.gptmoe.train.checkpoint;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything besides tensors that a run needs to go on exactly where it stopped.
 *
 * @param step optimizer steps done
 * @param tokens tokens trained on
 * @param sample data cursor: global index of the next sample
 * @param seed seed of the run, from which all generators derive
 * @param nonFiniteInARow steps skipped in a row because of a non-finite loss or gradient
 * @param extra state of optional parts by name, for example loss-scale counters
 */
public record TrainingState(
        long step, long tokens, long sample, long seed, int nonFiniteInARow, Map<String, String> extra) {
    /**
     * Checks the counters and copies the map.
     *
     * @param step optimizer steps done
     * @param tokens tokens trained on
     * @param sample global index of the next sample
     * @param seed seed of the run
     * @param nonFiniteInARow steps skipped in a row
     * @param extra state of optional parts by name
     */
    public TrainingState {
        if (step < 0 || tokens < 0 || sample < 0 || nonFiniteInARow < 0) {
            throw new IllegalArgumentException("a counter is negative: step " + step + ", tokens " + tokens
                    + ", sample " + sample + ", nonFiniteInARow " + nonFiniteInARow);
        }
        // Sorted, so that the same state gives the same manifest bytes.
        extra = Collections.unmodifiableMap(new TreeMap<>(extra));
    }
}
