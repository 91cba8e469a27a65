package io.github.gptmoe.spark;

import io.github.gptmoe.data.BadRow;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.QuarantineFile;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.StretchJudge;
import io.github.gptmoe.data.corpus.DocumentGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows of all files of a job, judged in their order on the driver, which also writes the quarantine, to its own disk. */
final class JobRows implements AutoCloseable {
    private final RowRules rules;
    private final StretchJudge judge;
    private @Nullable Path part;
    private @Nullable QuarantineFile open;

    /** Judges rows. */
    @FunctionalInterface
    interface Judgement<R> {
        /** Judges those of all files. */
        R of(JobRows rows);
    }

    private JobRows(RowRules rules) {
        this.rules = rules;
        this.judge = new StretchJudge(rules.badRows(), this::keep);
    }

    /** Judges the rows of a job, and writes the quarantine, also of those that end it. */
    static <R> R judge(RowRules rules, Judgement<R> judgement) throws IOException {
        try (JobRows rows = new JobRows(rules)) {
            try {
                R result = judgement.of(rows);
                rows.judge.end();
                rows.join();
                return result;
            } catch (InputException failed) {
                throw rows.failed(failed);
            } catch (UncheckedIOException failed) {
                throw Objects.requireNonNull(failed.getCause());
            }
        }
    }

    /** Counts the rows of a file that an earlier call has read. */
    void resume(DocumentGroups.Rows earlier) {
        judge.resume(earlier);
    }

    /** Judges the slices of a file, and their failures; returns its rows. */
    DocumentGroups.Rows file(JobInput input, List<Slice> slices, List<? extends SliceOutcome<?>> outcomes) {
        DocumentGroups.Rows rows = new DocumentGroups.Rows(0, 0, 0, 0);
        for (int i = 0; i < slices.size(); i++) {
            if (slices.get(i).input().number() != input.number()) {
                continue;
            }
            rows = rows.plus(judge.judge(input.path(), outcomes.get(i).rows()));
            SliceOutcome.Failure failure = outcomes.get(i).failure();
            if (failure != null) {
                throw failure.exception();
            }
        }
        return rows;
    }

    private void keep(BadRow row) {
        try {
            QuarantineFile file = open;
            if (file == null) {
                Path made = Files.createTempFile("moe-quarantine", ".ndjson");
                part = made;
                file = new QuarantineFile(made);
                open = file;
            }
            file.add(row);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private InputException failed(InputException failed) throws IOException {
        if (part == null) {
            return failed;
        }
        join();
        return new InputException(
                failed.kind(), failed.getMessage() + ". The bad rows are in " + rules.quarantine(), failed);
    }

    private void join() throws IOException {
        end();
        Path target = rules.quarantine();
        Path written = part;
        if (target != null) {
            QuarantineFile.join(written == null ? List.of() : List.of(written), target);
        }
    }

    private void end() throws IOException {
        QuarantineFile file = open;
        if (file != null) {
            open = null;
            file.close();
        }
    }

    @Override
    public void close() throws IOException {
        end();
        Path written = part;
        if (written != null) {
            Files.deleteIfExists(written);
        }
    }
}
