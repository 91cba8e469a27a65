package io.github.gptmoe.eval.zeroshot;

import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.gptmoe.eval.task.TaskResult;
import io.github.gptmoe.train.checkpoint.DurableFile;
import io.github.gptmoe.train.report.ReportJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The results of an evaluation for programs: what {@code zeroshot --json} prints, in a file. */
public final class ResultFile {
    private ResultFile() {}

    /**
     * Writes results, replacing older ones at once.
     *
     * @param file where to, in an existing folder
     * @param results one a task
     * @throws UncheckedIOException if that is not possible
     */
    public static void write(Path file, List<? extends Record> results) {
        try {
            DurableFile.replace(
                    file,
                    fresh -> ReportJson.mapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValue(fresh.toFile(), results));
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file + ": " + failed.getMessage(), failed);
        }
    }

    /**
     * Reads results.
     *
     * @param file as {@link #write} wrote it
     * @return one a task
     * @throws UncheckedIOException if it is missing, or not what was written
     */
    public static List<TaskResult> read(Path file) {
        try {
            return List.of(ReportJson.mapper().readValue(file.toFile(), TaskResult[].class));
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot read " + file + ": " + failed.getMessage(), failed);
        }
    }
}
