package io.github.gptmoe.data.bpe;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A uniform sample of a stream of unknown length.
 *
 * @see <a href="https://doi.org/10.1145/3147.3165">Vitter, Random Sampling with a Reservoir</a>, algorithm R
 */
final class Reservoir {
    private final int size;
    private final SplittableRandom random;
    private final List<String> kept = new ArrayList<>();
    private long seen;

    Reservoir(int size, long seed) {
        this.size = size;
        this.random = new SplittableRandom(seed);
    }

    void offer(String sentence) {
        seen++;
        if (kept.size() < size) {
            kept.add(sentence);
        } else {
            long place = random.nextLong(seen);
            if (place < size) {
                kept.set((int) place, sentence);
            }
        }
    }

    /** The sample; in no order that means anything. */
    List<String> kept() {
        return kept;
    }
}
