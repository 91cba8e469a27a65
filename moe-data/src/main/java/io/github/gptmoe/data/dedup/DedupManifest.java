package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.OutputFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document {@code manifest.json} of an output folder; equal inputs and settings give equal bytes.
 *
 * @param formatVersion 1
 * @param settings digest of all that decides the result but the inputs
 * @param badRows policy for rows that cannot be used
 * @param config the settings
 * @param banding the shape of the signatures; null where equal texts alone were looked for
 * @param search what looking for candidates took
 * @param evaluation what documents were compared with; null for nothing
 * @param files one for each input, in their order
 * @param totals of all files
 */
public record DedupManifest(
        int formatVersion,
        String settings,
        String badRows,
        DedupConfig config,
        @Nullable Banding banding,
        Search search,
        @Nullable Evaluation evaluation,
        List<File> files,
        DedupCounts totals) {
    /** What {@code formatVersion} is. */
    public static final int FORMAT_VERSION = 1;

    /**
     * Looking for similar documents.
     *
     * @param candidates documents that share a band with another
     * @param compared pairs whose similarity was computed
     * @param leftOut pairs of large buckets that were not looked at
     */
    public record Search(long candidates, long compared, long leftOut) {}

    /**
     * Evaluation data.
     *
     * @param texts their number
     * @param unsearchable texts too short to be found, or without an n-gram of their own
     */
    public record Evaluation(int texts, int unsearchable) {}

    /**
     * One file.
     *
     * @param input its name
     * @param inputBytes its size on disk
     * @param output name of what was written
     * @param content what was written
     * @param rows its rows
     * @param counts its documents
     */
    public record File(
            String input,
            long inputBytes,
            String output,
            OutputFile.Content content,
            DocumentGroups.Rows rows,
            DedupCounts counts) {}
}
