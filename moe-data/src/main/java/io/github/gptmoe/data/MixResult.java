package io.github.gptmoe.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a packing did.
 *
 * @param folder the packed corpus
 * @param manifest what is in it
 * @param reused whether it was there already, so that nothing was done
 * @param quarantine the file of bad rows; null if there is none
 * @param tokenisedTextBytes UTF-8 bytes of the text that this call tokenised, without what an earlier one that was stopped had done
 * @param seconds the time it took
 */
public record MixResult(
        Path folder,
        PackManifest manifest,
        boolean reused,
        @Nullable Path quarantine,
        long tokenisedTextBytes,
        double seconds) {}
