package io.github.gptmoe.eval.adapt;

import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.eval.RunLocator;
import io.github.gptmoe.train.checkpoint.DurableFile;
import io.github.gptmoe.train.report.ReportJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The files of a round beside those of its run: {@code text.jsonl}, and {@code adaptation.json}, which says how it was made. */
record RoundText(Path folder) {
    Path file() {
        return folder.resolve("text.jsonl");
    }

    private Path account() {
        return folder.resolve(RunLocator.ADAPTATION);
    }

    /** What an earlier call made, if it was made from the same settings. */
    Optional<AdaptedRound> made(String settings) {
        try {
            return Files.isRegularFile(account()) && Files.isRegularFile(file())
                    ? Optional.of(ReportJson.mapper().readValue(account().toFile(), AdaptedRound.class))
                            .filter(before -> before.settings().equals(settings))
                    : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty(); // it is made again
        }
    }

    /** Writes the text; returns its tokens. The account of an older text is gone before the new text is there. */
    long write(List<LabelledRows> tasks, Function<LabelledRows, List<PromptEncoder>> encoders, Tokenizer tokenizer) {
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(account());
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write to " + folder + ": " + failed.getMessage(), failed);
        }
        return new AdaptationText(file(), encoders, tokenizer).write(tasks);
    }

    void keep(AdaptedRound made) {
        try {
            DurableFile.replace(
                    account(),
                    fresh -> ReportJson.mapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValue(fresh.toFile(), made));
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + account() + ": " + failed.getMessage(), failed);
        }
    }

    /** For people. */
    String describe(AdaptedRound made) {
        String tasks = made.tasks().stream()
                .map(task -> String.format(
                        Locale.ROOT,
                        "%s: %,d rows of %s, %,d with a label (%s)%s",
                        task.task(),
                        task.rows(),
                        String.join(", ", task.splits()),
                        task.labelled(),
                        task.labeller(),
                        task.leftOut() == 0
                                ? ""
                                : ", " + task.leftOut() + " left out because a test split has their text"))
                .collect(Collectors.joining("; "));
        return String.format(
                Locale.ROOT, "round %d: %s; %,d tokens, %,d steps", made.round(), tasks, made.tokens(), made.steps());
    }
}
