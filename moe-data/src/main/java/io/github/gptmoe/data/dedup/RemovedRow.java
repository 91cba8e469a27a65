package io.github.gptmoe.data.dedup;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code removed.ndjson}: a document that did not stay, or not whole.
 *
 * @param file its file below the folder that all inputs share
 * @param line its line, from 1
 * @param kind {@code exact}, {@code near}, {@code contaminated}, or {@code cut}: sentences were taken out
 * @param of the document that stays in its place
 * @param similarity Jaccard similarity of the pair by which a near duplicate was joined to an earlier document: the one that stays, or a link
 *     of a chain to it
 * @param evaluation texts of evaluation data that it has
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RemovedRow(
        String file,
        long line,
        String kind,
        @Nullable Place of,
        @Nullable Double similarity,
        @Nullable List<Contamination.Found> evaluation) {

    /**
     * Where a document stands.
     *
     * @param file its file
     * @param line its line, from 1
     */
    public record Place(String file, long line) {}
}
