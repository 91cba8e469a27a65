package io.github.gptmoe.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A named part of a mixture. With neither {@code weight} nor {@code epochs} it is taken once.
 *
 * @param name letters, digits, {@code -}, {@code _} and {@code .}; decides its shuffled order together with the seed
 * @param files files, folders or globs with text, as in {@code data.train}
 * @param weight its share of the tokens that {@code weight} sources have together, relative to the other weights; above 0
 * @param epochs how often each document is taken; above 0, and 1.5 takes half of the documents a second time
 */
public record PackSource(
        String name,
        List<String> files,
        @Nullable Double weight,
        @Nullable Double epochs) {
    /**
     * Fills defaults in for nulls; {@link PackConfig#problems()} judges the values.
     *
     * @param name as above
     * @param files as above
     * @param weight as above
     * @param epochs as above
     */
    public PackSource {
        name = name == null ? "" : name;
        files = files == null ? List.of() : List.copyOf(files);
    }

    /** How often each document is taken; only asked of a source without a weight. */
    double epochsOrOne() {
        return epochs == null ? 1 : epochs;
    }
}
