package io.github.gptmoe.data;

import io.github.gptmoe.data.corpus.DocumentGroups;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Judges the bad rows of files that were read in stretches, all together and in their order, as a reader of all does on its way. */
public final class StretchJudge {
    private final RowCounts counts;

    /**
     * Begins a call.
     *
     * @param policy what bad rows lead to
     * @param quarantine is given bad rows under the policy of that name
     */
    public StretchJudge(BadRowPolicy policy, Consumer<BadRow> quarantine) {
        this.counts = new RowCounts(policy, quarantine);
    }

    /**
     * Counts a file that an earlier call has judged.
     *
     * @param rows its rows
     */
    public void resume(DocumentGroups.Rows rows) {
        counts.resume(new RowCounts.Totals(rows.rows(), rows.skipped(), rows.empty(), rows.cut()));
    }

    /**
     * Takes the next stretch.
     *
     * @param file what names its file
     * @param stretch its rows
     * @return what was met in it
     * @throws InputException for a bad row that ends the call, with file, line, byte and remedy
     */
    public DocumentGroups.Rows judge(Path file, StretchRows stretch) {
        RowCounts.Totals before = counts.totals();
        long judged = 0;
        for (StretchRows.Bad bad : stretch.bad()) {
            counts.resume(new RowCounts.Totals(bad.rowsBefore() - judged, 0, 0, 0));
            counts.bad(bad.of(file));
            judged = bad.rowsBefore() + 1;
        }
        counts.resume(new RowCounts.Totals(stretch.rows() - judged, 0, stretch.empty(), stretch.cut()));
        if (!stretch.whole()) {
            throw InputException.environment(file + ": a part of it has more than " + StretchRows.MOST_BAD
                    + " rows that cannot be used; repair the file, this is no accident of a few rows");
        }
        RowCounts.Totals met = counts.totals().minus(before);
        return new DocumentGroups.Rows(met.rows(), met.bad(), met.empty(), met.cut());
    }

    /**
     * To be called behind the last stretch.
     *
     * @throws InputException if too many rows of all are bad
     */
    public void end() {
        counts.end();
    }
}
