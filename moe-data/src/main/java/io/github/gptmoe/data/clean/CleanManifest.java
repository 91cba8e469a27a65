package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.OutputFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The document {@code manifest.json} of an output folder. It holds neither times nor places of a machine, so equal inputs and settings give
 * equal bytes.
 *
 * @param formatVersion 1
 * @param settings digest of all that decides the result: rules, limits, words of lists
 * @param badRows policy for rows that cannot be used
 * @param config all rules with their values
 * @param files one for each input, in their order
 * @param rows rows of all files
 * @param totals documents of all files
 */
public record CleanManifest(
        int formatVersion,
        String settings,
        String badRows,
        Map<String, RuleSettings> config,
        List<File> files,
        DocumentGroups.Rows rows,
        CleanCounts totals) {
    static final int FORMAT_VERSION = 1;

    /**
     * One file.
     *
     * @param input its name
     * @param inputBytes its size on disk
     * @param output name of what was written
     * @param content what was written
     * @param rows its rows
     * @param documents documents read
     * @param unchanged documents kept as they were
     * @param changed documents kept with changes
     * @param dropped documents dropped
     */
    public record File(
            String input,
            long inputBytes,
            String output,
            OutputFile.Content content,
            DocumentGroups.Rows rows,
            long documents,
            long unchanged,
            long changed,
            long dropped) {}

    /**
     * Describes what was done.
     *
     * @param request what was asked for
     * @param settings {@link CleanConfig#digest()}
     * @param files what became of each input, in their order
     * @return the description
     */
    public static CleanManifest of(CleanRequest request, String settings, List<CleanedFile> files) {
        CleanCounts totals = CleanCounts.NONE;
        DocumentGroups.Rows rows = new DocumentGroups.Rows(0, 0, 0, 0);
        List<File> listed = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            CleanedFile file = files.get(i);
            CleanCounts counts = file.counts();
            totals = totals.plus(counts, request.config().samples());
            rows = rows.plus(file.rows());
            listed.add(new File(
                    file.input(),
                    request.inputs().get(i).bytes(),
                    file.output(),
                    file.content(),
                    file.rows(),
                    counts.documents(),
                    counts.unchanged(),
                    counts.changed(),
                    counts.dropped()));
        }
        return new CleanManifest(
                FORMAT_VERSION,
                settings,
                request.rows().badRows().action().label(),
                request.config().rules(),
                listed,
                rows,
                totals);
    }
}
