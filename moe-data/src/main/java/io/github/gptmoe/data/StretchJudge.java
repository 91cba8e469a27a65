package io.github.gptmoe.data;

import io.github.gptmoe.data.corpus.DocumentGroups;
import java.nio.file.Path;

/** Judges the bad rows of a file that was read in stretches, as {@link DocumentReader} does on its way. */
public final class StretchJudge {
    private final Path file;
    private final RowCounts counts;

    /**
     * Begins with a file.
     *
     * @param file what names it
     * @param policy what bad rows lead to
     */
    public StretchJudge(Path file, BadRows policy) {
        this.file = file;
        this.counts = new RowCounts(policy);
    }

    /**
     * Takes the next stretch.
     *
     * @param stretch its rows
     * @throws InputException for a bad row that ends the reading, with file, line, byte and remedy
     */
    public void judge(StretchRows stretch) {
        long judged = 0;
        for (StretchRows.Bad bad : stretch.bad()) {
            counts.resume(new RowCounts.Totals(bad.rowsBefore() - judged, 0, 0, 0));
            counts.bad(bad.of(file));
            judged = bad.rowsBefore() + 1;
        }
        counts.resume(new RowCounts.Totals(stretch.rows() - judged, 0, stretch.empty(), 0));
    }

    /**
     * The rows of all stretches so far.
     *
     * @return what was met
     */
    public DocumentGroups.Rows rows() {
        return new DocumentGroups.Rows(counts.rows(), counts.skippedRows(), counts.emptyRows());
    }
}
