package io.github.gptmoe.eval.adapt;

import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.eval.RunLocator;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.checkpoint.DurableFile;
import io.github.gptmoe.train.report.ReportJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The files of a round beside those of its run: {@code text.jsonl}, and {@code adaptation.json}, which says how it was made. */
record RoundText(Path folder) {
    Path file() {
        return folder.resolve("text.jsonl");
    }

    Path validation() {
        return folder.resolve("validation.jsonl");
    }

    private Path account() {
        return folder.resolve(RunLocator.ADAPTATION);
    }

    /**
     * What an earlier call made from the same settings; nothing if there is none, or it was made from others and not yet trained on.
     *
     * @throws InputException if the folder is that of another run
     */
    Optional<AdaptedRound> made(Map<String, String> settings) {
        boolean trained = Files.isRegularFile(new RunFolder(folder).config());
        Optional<AdaptedRound> before = account(trained);
        if (before.isPresent() && before.get().settings().equals(settings)) {
            return before;
        }
        if (trained) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    folder + " is a run already, "
                            + before.map(made -> "made from other settings: " + differences(made.settings(), settings))
                                    .orElse("and not one that was adapted to tasks")
                            + "; choose another --out, or repeat the call it was made by");
        }
        return Optional.empty();
    }

    private Optional<AdaptedRound> account(boolean trained) {
        if (!Files.isRegularFile(account()) || !Files.isRegularFile(file()) || !Files.isRegularFile(validation())) {
            return Optional.empty();
        }
        try {
            return Optional.of(ReportJson.mapper().readValue(account().toFile(), AdaptedRound.class));
        } catch (IOException unreadable) {
            if (trained) {
                throw new UncheckedIOException("cannot read " + account() + ": " + unreadable.getMessage(), unreadable);
            }
            return Optional.empty(); // it is made again
        }
    }

    private static String differences(Map<String, String> before, Map<String, String> now) {
        TreeSet<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(now.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(before.get(key), now.get(key)))
                .map(key ->
                        key + " was " + before.getOrDefault(key, "absent") + ", is " + now.getOrDefault(key, "absent"))
                .collect(Collectors.joining("; "));
    }

    /** Writes the text. The account of an older one is gone before the new one is there. */
    AdaptationText.Written write(
            List<LabelledRows> tasks, Function<LabelledRows, List<PromptEncoder>> encoders, TrainedModel model) {
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(account());
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write to " + folder + ": " + failed.getMessage(), failed);
        }
        return new AdaptationText(file(), validation(), encoders, model.tokenizer())
                .write(tasks, model.sequenceLength());
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
                Locale.ROOT,
                "round %d: %s; %,d tokens, %,d steps%s",
                made.round(),
                tasks,
                made.tokens(),
                made.steps(),
                made.heldOut() ? "" : "; too short to hold any out: the validation is on what is trained on");
    }
}
