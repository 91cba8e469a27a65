package io.github.gptmoe.train;

import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.DurableFile;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.ReportJson;
import io.github.gptmoe.train.report.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The files of a run, by their names.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
    /**
     * The resolved configuration.
     *
     * @return {@code config.yaml}
     */
    public Path config() {
        return path.resolve("config.yaml");
    }

    /**
     * One line a step and an evaluation.
     *
     * @return {@code metrics.jsonl}
     */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /**
     * Final values; written when the last step was made, so a folder that has it is a finished run.
     *
     * @return {@code summary.json}
     */
    public Path summary() {
        return path.resolve("summary.json");
    }

    /**
     * The page that shows the run; written when it finishes, and by {@code moe report}.
     *
     * @return {@code report.html}
     */
    public Path report() {
        return path.resolve("report.html");
    }

    /**
     * The checkpoints.
     *
     * @return {@code checkpoints/}
     */
    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /**
     * Reads the configuration that the run was made with.
     *
     * @return the resolved configuration
     * @throws InputException if the folder is not a run
     */
    public RunConfig readConfig() {
        if (!Files.isRegularFile(config())) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    path
                            + " is not a run folder: it has no config.yaml; train one with 'moe pretrain --config quickstart'");
        }
        return ConfigLoader.load(config(), List.of());
    }

    void create() {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "cannot create the run folder " + path + ": " + e.getMessage() + "; choose another with --out",
                    e);
        }
    }

    void writeConfig(RunConfig config) {
        replace(config(), ConfigWriter.toYaml(config));
    }

    void writeSummary(RunSummary summary) {
        try {
            replace(
                    summary(),
                    ReportJson.mapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(summary));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Copies the tokenizer beside the configuration, so that the run can be used from any folder. A copy that differs is
     * replaced: where a run goes on from a checkpoint, the fingerprint of its data has already said that {@code tokenizer} is
     * the one it was trained with, so the copy is damaged; without a checkpoint it is left over from a run that came to nothing.
     *
     * @param tokenizer what the run trains with
     * @param told hears that a copy was replaced
     */
    void keepTokenizer(Path tokenizer, Consumer<String> told) {
        Path own = path.resolve(tokenizer.getFileName());
        try {
            boolean exists = Files.exists(own);
            if (exists && Files.mismatch(tokenizer, own) < 0) {
                return;
            }
            // Not Files.copy, which would make a copy of a read-only file read-only before it is forced to the disk.
            DurableFile.replace(own, fresh -> Files.write(fresh, Files.readAllBytes(tokenizer)));
            if (exists) {
                told.accept("warning: " + own + " was not the tokenizer " + tokenizer + " and has been replaced");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads the summary of a finished run.
     *
     * @return the summary, or nothing while the run is not finished
     * @throws UncheckedIOException if it cannot be read
     */
    public Optional<RunSummary> readSummary() {
        try {
            return Files.exists(summary())
                    ? Optional.of(ReportJson.mapper().readValue(summary().toFile(), RunSummary.class))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder with a summary is a finished run; while it trains on, it is not. */
    void removeSummary() {
        try {
            Files.deleteIfExists(summary());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void replace(Path file, String content) {
        try {
            DurableFile.replace(file, fresh -> Files.writeString(fresh, content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String hash(RunConfig config) {
        try {
            byte[] yaml = ConfigWriter.toYaml(config).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(yaml));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
