package io.github.gptmoe.data.dedup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.corpus.JsonText;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** What stays of documents that follow each other in a file, and the list of what does not. For one thread. */
public final class StayingRows {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final @Nullable Decontaminator decontaminator;
    private final JsonText rows = new JsonText();
    private final ByteArrayOutputStream removed = new ByteArrayOutputStream();
    private DedupCounts counts = DedupCounts.NONE;

    /**
     * Begins without rows.
     *
     * @param decontaminator judges documents that have no earlier one; null where there is no evaluation data
     */
    public StayingRows(@Nullable Decontaminator decontaminator) {
        this.decontaminator = decontaminator;
    }

    /**
     * A document that has an earlier one goes.
     *
     * @param place where it stands
     * @param of the first of its cluster
     * @param similarity by which its cluster was joined; null if an earlier one is equal to it
     */
    public void later(RemovedRow.Place place, RemovedRow.Place of, @Nullable Float similarity) {
        boolean equal = similarity == null;
        list(new RemovedRow(
                place.file(),
                place.line(),
                equal ? "exact" : "near",
                of,
                similarity == null ? null : Math.round(similarity * 1e4) / 1e4,
                null));
        counts = counts.plus(new DedupCounts(1, 0, equal ? 1 : 0, equal ? 0 : 1, 0, 0));
    }

    /**
     * The first document of a cluster stays unless it has evaluation data.
     *
     * @param place where it stands
     * @param original its text
     */
    public void first(RemovedRow.Place place, String original) {
        if (decontaminator == null) {
            rows.add(original);
            counts = counts.plus(new DedupCounts(1, 1, 0, 0, 0, 0));
            return;
        }
        Contamination judged = decontaminator.judge(original);
        String text = judged.text();
        boolean contaminated = !judged.found().isEmpty();
        if (contaminated) {
            String kind = text == null ? "contaminated" : "cut";
            list(new RemovedRow(place.file(), place.line(), kind, null, null, judged.found()));
        }
        if (text == null) {
            counts = counts.plus(new DedupCounts(1, 0, 0, 0, 1, 0));
            return;
        }
        rows.add(text);
        counts = counts.plus(new DedupCounts(1, 1, 0, 0, 0, contaminated ? 1 : 0));
    }

    private void list(RemovedRow row) {
        try {
            removed.writeBytes(JSON.writeValueAsBytes(row));
            removed.write('\n');
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("records of numbers and texts are always JSON", impossible);
        }
    }

    /**
     * The rows that stay.
     *
     * @return UTF-8, owned by the caller
     */
    public byte[] text() {
        return rows.bytes();
    }

    /**
     * The list of what does not stay, or not whole.
     *
     * @return rows of {@code removed.ndjson}, owned by the caller
     */
    public byte[] removed() {
        return removed.toByteArray();
    }

    /**
     * What became of the documents.
     *
     * @return counts of all so far
     */
    public DedupCounts counts() {
        return counts;
    }
}
