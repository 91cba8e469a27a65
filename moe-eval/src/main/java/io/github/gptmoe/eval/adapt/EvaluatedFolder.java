package io.github.gptmoe.eval.adapt;

import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.task.PredictionFile;
import io.github.gptmoe.eval.task.TaskResult;
import io.github.gptmoe.eval.zeroshot.ResultFile;
import io.github.gptmoe.eval.zeroshot.ZeroShotListener;
import io.github.gptmoe.eval.zeroshot.ZeroShotRequest;
import io.github.gptmoe.eval.zeroshot.ZeroShotRun;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import io.github.gptmoe.train.RunCheckpoint;
import io.github.gptmoe.train.checkpoint.DurableFile;
import io.github.gptmoe.train.report.ReportJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Evaluates models into folders, once: a note beside the results says what they were made from.
 *
 * @param request the adaptation: tasks and data
 * @param settings how tasks are asked
 * @param split whose accuracy is measured
 * @param precision that models compute in
 * @param text segments on which the terms of the loss are measured
 * @param listener hears of progress
 */
record EvaluatedFolder(
        AdaptationRequest request,
        ZeroShotSettings settings,
        String split,
        Precision precision,
        Path text,
        ZeroShotListener listener) {
    private static final String RESULTS = "results.json";
    private static final String NOTE = "evaluation.json";

    /** What an evaluation was made from, and what {@link #RESULTS} does not have. */
    private record Note(String settings, TermLosses losses) {}

    /** Evaluates, unless an earlier call has done so with the same checkpoint, data and settings. */
    ModelEvaluation of(RunCheckpoint checkpoint, Path folder) {
        String made = settings(checkpoint);
        Path place = checkpoint.checkpoint().folder();
        Optional<ModelEvaluation> kept = kept(place, folder, made);
        kept.ifPresent(before -> listener.message("checkpoint " + place + ": results kept in " + folder));
        return kept.orElseGet(() -> evaluated(place, folder, made));
    }

    private Optional<ModelEvaluation> kept(Path checkpoint, Path folder, String made) {
        Path file = folder.resolve(NOTE);
        boolean whole = Stream.concat(
                        Stream.of(NOTE, RESULTS),
                        request.tasks().stream().map(task -> PredictionFile.name(task.name(), split)))
                .allMatch(name -> Files.isRegularFile(folder.resolve(name)));
        if (!whole) {
            return Optional.empty();
        }
        try {
            Note note = ReportJson.mapper().readValue(file.toFile(), Note.class);
            return note.settings().equals(made)
                    ? Optional.of(evaluation(checkpoint, ResultFile.read(folder.resolve(RESULTS)), note.losses()))
                    : Optional.empty();
        } catch (IOException | UncheckedIOException unreadable) {
            return Optional.empty(); // it is made again
        }
    }

    private ModelEvaluation evaluated(Path checkpoint, Path folder, String made) {
        clear(folder);
        try (TrainedModel trained = TrainedModel.open(checkpoint, precision)) {
            listener.message("checkpoint " + checkpoint + ", results " + folder);
            ZeroShotRequest asked = new ZeroShotRequest(request.tasks(), request.data(), split, 0, false, folder);
            List<TaskResult> results = new ZeroShotRun(trained, settings, asked, listener).run();
            TermLosses losses = TermLosses.of(trained, text);
            ResultFile.write(folder.resolve(RESULTS), results);
            keep(folder.resolve(NOTE), new Note(made, losses));
            return evaluation(checkpoint, results, losses);
        }
    }

    private ModelEvaluation evaluation(Path checkpoint, List<TaskResult> results, TermLosses losses) {
        return new ModelEvaluation(checkpoint.toString(), precision.name().toLowerCase(Locale.ROOT), results, losses);
    }

    /** The note goes first. Predictions of other tasks and splits would be compared with nothing, or twice. */
    private static void clear(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve(NOTE));
            for (Path old : Stamps.listed(folder)) {
                if (PredictionFile.isNamed(old)) {
                    Files.delete(old);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write to " + folder + ": " + failed.getMessage(), failed);
        }
    }

    private static void keep(Path file, Note note) {
        try {
            DurableFile.replace(
                    file,
                    fresh -> ReportJson.mapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValue(fresh.toFile(), note));
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file + ": " + failed.getMessage(), failed);
        }
    }

    private String settings(RunCheckpoint checkpoint) {
        StringBuilder sources = new StringBuilder();
        sources.append(Stamps.stamp(checkpoint.checkpoint().folder().resolve("manifest.json")))
                .append(Stamps.stamp(text));
        for (Task task : request.tasks()) {
            sources.append(task);
            sources.append(Stamps.of(request.data().resolve(task.data().folder())));
        }
        return checkpoint.checkpoint().manifest().runId() + " step "
                + checkpoint.checkpoint().manifest().state().step() + ", " + precision + ", split " + split + " of "
                + request.tasks().stream().map(Task::name).toList() + ", " + settings + ", files "
                + Stamps.digest(sources.toString());
    }
}
