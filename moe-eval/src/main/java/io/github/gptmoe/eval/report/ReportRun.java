package io.github.gptmoe.eval.report;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.Metrics;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a run as far as a report needs them.
 *
 * @param name what to call it
 * @param folder where it lies
 * @param metrics its lines, at least one
 * @param config null where it is missing or of a version that this program cannot read
 * @param summary null while the run is not finished
 * @param remarks what a reader of the report should know about the files
 */
record ReportRun(
        String name,
        Path folder,
        Metrics metrics,
        @Nullable RunConfig config,
        @Nullable RunSummary summary,
        List<String> remarks) {

    static ReportRun read(Path path, String name) {
        RunFolder folder = new RunFolder(path);
        if (!Files.isRegularFile(folder.metrics())) {
            throw notARun(folder);
        }
        List<String> remarks = new ArrayList<>();
        Metrics metrics = Metrics.read(folder.metrics());
        if (metrics.unreadableLines() > 0) {
            remarks.add(folder.metrics() + ": " + metrics.unreadableLines() + " lines cannot be read and are left out");
        }
        if (metrics.steps().isEmpty()) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    folder.metrics() + " has no step yet; try again when the run has logged one (train.logEvery)");
        }
        return new ReportRun(name, path, metrics, config(folder, remarks), summary(folder, remarks), remarks);
    }

    private static InputException notARun(RunFolder folder) {
        String what = Files.isDirectory(folder.path())
                ? " is not a run folder with results: it has no metrics.jsonl"
                : " is no folder";
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                folder.path() + what + "; give the folder of a run (--out of moe pretrain), or make one with"
                        + " 'moe pretrain --config quickstart'");
    }

    private static @Nullable RunConfig config(RunFolder folder, List<String> remarks) {
        try {
            return folder.readConfig();
        } catch (ConfigException | InputException unusable) {
            remarks.add("settings are left out: " + unusable.getMessage());
            return null;
        }
    }

    private static @Nullable RunSummary summary(RunFolder folder, List<String> remarks) {
        try {
            return folder.readSummary().orElse(null);
        } catch (UncheckedIOException unusable) {
            remarks.add("final values are left out: " + folder.summary() + ": " + unusable.getMessage());
            return null;
        }
    }

    TrainingLine lastLine() {
        return metrics.steps().get(metrics.steps().size() - 1);
    }

    /** Optimizer steps for one token; all steps of a run are of the same size. */
    double stepsPerToken() {
        return (double) lastLine().step() / lastLine().tokens();
    }

    /** An evaluation and the tokens that had been trained on. */
    record Evaluation(ValidationLine line, double tokens) {}

    /** Evaluations know their step only; the step's own line knows its tokens, or else the steps are of one size. */
    List<Evaluation> evaluations() {
        Map<Long, Long> tokens = new TreeMap<>();
        metrics.steps().forEach(line -> tokens.put(line.step(), line.tokens()));
        return metrics.validations().stream()
                .map(line -> new Evaluation(
                        line,
                        tokens.containsKey(line.step()) ? tokens.get(line.step()) : line.step() / stepsPerToken()))
                .toList();
    }
}
