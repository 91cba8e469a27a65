package io.github.gptmoe.data.corpus;

import io.github.gptmoe.data.BadRow;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.QuarantineFile;
import io.github.gptmoe.data.RowCounts;
import io.github.gptmoe.data.RowRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of all files of a call: counts them together, those of files that earlier calls have done too, and keeps bad ones, in a part
 * for each file in the state of the folder until they are joined. For one thread.
 */
public final class PassRows {
    private static final String BAD = ".bad";

    private final OutputFolder folder;
    private final RowRules rules;
    private final RowCounts counts;
    private final List<Path> parts = new ArrayList<>();
    private @Nullable Path part;
    private @Nullable QuarantineFile open;

    /** Reads a file. */
    @FunctionalInterface
    public interface Reading {
        /**
         * Reads it.
         *
         * @param counts to be given to the reader
         * @return what was met
         * @throws IOException if a result cannot be written
         */
        DocumentGroups.Rows read(RowCounts counts) throws IOException;
    }

    /**
     * Begins a call.
     *
     * @param folder where parts lie
     * @param rules what becomes of bad rows
     */
    public PassRows(OutputFolder folder, RowRules rules) {
        this.folder = folder;
        this.rules = rules;
        this.counts = new RowCounts(rules.badRows(), this::keep);
    }

    /**
     * Tells whether the bad rows of a file that is done are there.
     *
     * @param output its name
     * @param rows what was met in it
     * @return false if the file must be read again
     */
    public boolean has(String output, DocumentGroups.Rows rows) {
        return !quarantines() || rows.skipped() == 0 || Files.isRegularFile(bad(output));
    }

    /**
     * Counts a file that is done.
     *
     * @param output its name
     * @param rows what was met in it
     */
    public void resume(String output, DocumentGroups.Rows rows) {
        counts.resume(new RowCounts.Totals(rows.rows(), rows.skipped(), rows.empty(), rows.cut()));
        if (quarantines() && rows.skipped() > 0) {
            parts.add(bad(output));
        }
    }

    /**
     * Reads a file and keeps its bad rows.
     *
     * @param output its name
     * @param reading reads
     * @return what was met
     * @throws IOException if the disk does not allow it
     */
    public DocumentGroups.Rows read(String output, Reading reading) throws IOException {
        Path target = bad(output);
        part = target;
        Files.deleteIfExists(target);
        try {
            return reading.read(counts);
        } finally {
            QuarantineFile written = open;
            if (written != null) {
                open = null;
                written.close();
                parts.add(target);
            }
        }
    }

    private void keep(BadRow row) {
        try {
            QuarantineFile file = open;
            if (file == null) {
                Path target = part;
                if (target == null) {
                    throw new IllegalStateException("a bad row outside of a file");
                }
                Files.createDirectories(target.resolveSibling(".").normalize());
                file = new QuarantineFile(target);
                open = file;
            }
            file.add(row);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Path bad(String output) {
        return folder.state(output + BAD);
    }

    private boolean quarantines() {
        return rules.badRows().action() == BadRows.QUARANTINE;
    }

    /**
     * Judges the share of bad rows once everything is read, and writes the quarantine.
     *
     * @throws IOException if the disk does not allow it
     * @throws InputException if too many rows are bad
     */
    public void end() throws IOException {
        counts.end();
        join();
    }

    /**
     * Writes the quarantine after a failure: rows that led to it are what a person wants to see.
     *
     * @param failed what happened
     * @return what to throw
     * @throws IOException if the disk does not allow it
     */
    public InputException failed(InputException failed) throws IOException {
        if (parts.isEmpty()) {
            return failed;
        }
        join();
        return new InputException(
                failed.kind(), failed.getMessage() + ". The bad rows are in " + rules.quarantine(), failed);
    }

    private void join() throws IOException {
        Path target = rules.quarantine();
        if (target != null) {
            QuarantineFile.join(parts, target);
        }
    }
}
