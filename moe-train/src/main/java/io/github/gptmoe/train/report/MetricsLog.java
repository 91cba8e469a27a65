package io.github.gptmoe.train.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.DurableFile;
import io.github.gptmoe.train.checkpoint.FolderTree;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends to {@code metrics.jsonl}, one object a line. Lines are handed to the system one by one, so that a killed run
 * loses none; {@link #force} makes them survive a power cut too.
 */
public final class MetricsLog implements MetricsSink, AutoCloseable {
    private final ObjectMapper json = ReportJson.mapper();
    private final Path file;
    private final FileChannel channel;
    private final BufferedWriter writer;
    private @Nullable TrainingLine lastKept;

    /**
     * Opens the log of a run that continues after a step. Lines of later steps, written after the checkpoint the run
     * resumes from, are dropped: those steps will be made again.
     *
     * @param file {@code metrics.jsonl}; created when missing
     * @param step last step to keep; 0 for a fresh run
     */
    public MetricsLog(Path file, long step) {
        this.file = file;
        try {
            if (Files.exists(file)) {
                keepUpTo(file, step);
            }
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            FolderTree.sync(file.toAbsolutePath().resolveSibling(".")); // makes the name durable
            writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private InputException unwritable(IOException cause) {
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                "cannot write " + file + ": " + cause.getMessage()
                        + "; make room on the disk, then the same call continues from the last checkpoint",
                cause);
    }

    private void keepUpTo(Path file, long step) throws IOException {
        List<String> kept = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (isComplete(line) && json.readTree(line).path("step").asLong(Long.MAX_VALUE) <= step) {
                kept.add(line);
                remember(line);
            }
        }
        DurableFile.replace(file, fresh -> Files.write(fresh, kept));
    }

    private void remember(String line) throws IOException {
        if (json.readTree(line).has("lmLoss")) {
            lastKept = json.readValue(line, TrainingLine.class);
        }
    }

    /**
     * The last training step that was in the file when it was opened.
     *
     * @return its line, or null for a fresh run
     */
    public @Nullable TrainingLine lastKept() {
        return lastKept;
    }

    /** A kill can cut the last line short. */
    private boolean isComplete(String line) {
        try {
            JsonNode node = json.readTree(line);
            return node.isObject();
        } catch (IOException cut) {
            return false;
        }
    }

    @Override
    public void write(Record line) {
        try {
            writer.write(json.writeValueAsString(line));
            writer.write('\n');
            writer.flush();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /**
     * Forces what was written to the disk. To be called before a checkpoint is saved: a resume makes only the steps after
     * its checkpoint again, so the lines up to there must not be lost once the checkpoint is complete.
     *
     * @throws InputException if the disk refuses, with the remedy
     */
    @Override
    public void force() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
