package io.github.gptmoe.data.dedup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a document has of evaluation data.
 *
 * @param found the texts of which it has enough, most of it first; empty for a clean document
 * @param text what stays of the document; null if nothing does, itself if it is clean
 */
public record Contamination(List<Found> found, @Nullable String text) {

    /**
     * A text of evaluation data in a document.
     *
     * @param file its file
     * @param line its line, from 1
     * @param field the field it stands in
     * @param share of its n-grams that the document has
     */
    public record Found(String file, long line, String field, double share) {}
}
