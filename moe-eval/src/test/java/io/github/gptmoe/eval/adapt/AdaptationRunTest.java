package io.github.gptmoe.eval.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.PromptSegment;
import io.github.gptmoe.data.task.SegmentKind;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.train.Pretraining;
import io.github.gptmoe.train.Resume;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptationRunTest {
    private final List<String> told = new ArrayList<>();

    @TempDir
    Path folder;

    private Path base;

    @BeforeEach
    void pretrain() {
        base = TinyRun.create(folder.resolve("base")).folder();
    }

    @Test
    void aRoundLabelsAndTrains_andTheSameCallFindsItDone() throws IOException {
        Path data = Mood.write(folder.resolve("data"), false);

        RunSummary summary = run(data, "out");

        assertThat(summary.finished()).isTrue();
        List<JsonNode> examples = examples("out");
        assertThat(examples).hasSize(40);
        assertThat(examples.stream().map(AdaptationRunTest::label))
                .contains("好", "坏")
                .hasSize(40);
        assertThat(examples)
                .allMatch(example -> label(example).isEmpty()
                        || text(example).contains(label(example).equals("好") ? "喜欢" : "讨厌"));
        assertThat(told).anyMatch(line -> line.contains("1 left out because a test split has their text"));
        byte[] text = Files.readAllBytes(folder.resolve("out/text.jsonl"));
        assertThat(run(data, "out")).isEqualTo(summary);
        assertThat(Files.readAllBytes(folder.resolve("out/text.jsonl"))).isEqualTo(text);
        try (TrainedModel adapted = TrainedModel.open(folder.resolve("out"))) {
            assertThat(adapted.config().train().initialWeights()).contains("base");
        }
    }

    /** Labels that are there, and texts of the test, must make no difference to what is trained on. */
    @Test
    void noLabelAndNoTestTextReachesTraining() throws IOException {
        run(Mood.write(folder.resolve("data"), false), "one");
        run(Mood.write(folder.resolve("swapped"), true), "other");

        assertThat(Files.readString(folder.resolve("one/text.jsonl")))
                .isEqualTo(Files.readString(folder.resolve("other/text.jsonl")))
                .doesNotContain(Mood.SECRET);
        assertThat(weights("one")).isEqualTo(weights("other"));
    }

    @Test
    void noLabelReachesTrainingWhereSmallSetsStandInForUnlabelledText() throws IOException {
        Path data = Mood.write(folder.resolve("data"), false);
        Path swapped = Mood.write(folder.resolve("swapped"), true);
        Files.delete(data.resolve("mood/unlabeled.json"));
        Files.delete(swapped.resolve("mood/unlabeled.json"));

        run(data, "one", "adapt.epochs=8");
        run(swapped, "other", "adapt.epochs=8");

        assertThat(Files.readString(folder.resolve("one/text.jsonl")))
                .isEqualTo(Files.readString(folder.resolve("other/text.jsonl")))
                .doesNotContain(Mood.SECRET);
    }

    @Test
    void trueLabelsAreUsedIfThatIsSaid() throws IOException {
        run(Mood.write(folder.resolve("data"), false), "out", "adapt.fewShot=2");

        assertThat(examples("out"))
                .hasSize(42)
                .noneMatch(example -> text(example).contains(Mood.SECRET));
        assertThatThrownBy(() -> run(folder.resolve("data"), "more", "adapt.fewShot=3"))
                .as("the third row of train_0 is one of the test")
                .isInstanceOf(InputException.class)
                .hasMessageContaining("2 rows");
    }

    @Test
    void anotherCallIntoTheSameFolderIsRefused_andChangesNothing() throws IOException {
        Path data = Mood.write(folder.resolve("data"), false);
        run(data, "out");
        byte[] text = Files.readAllBytes(folder.resolve("out/text.jsonl"));

        assertThatThrownBy(() -> run(data, "out", "adapt.confidence=0.7"))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("adapt was", "confidence=0.9", "confidence=0.7", "--out");
        assertThatThrownBy(() -> run(data, "base"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--out");
        Files.writeString(data.resolve("mood/unlabeled.json"), "{\"id\": 0, \"sentence\": \"好\"}\n");
        assertThatThrownBy(() -> run(data, "out")).hasMessageContaining("rows of mood was");

        assertThat(Files.readAllBytes(folder.resolve("out/text.jsonl"))).isEqualTo(text);
        assertThat(folder.resolve("base/text.jsonl")).doesNotExist();
    }

    @Test
    void blankRowsAreNoExamples() throws IOException {
        Path data = Mood.write(folder.resolve("data"), false);
        Path file = data.resolve("mood/unlabeled.json");
        Files.writeString(
                file, Files.readString(file) + "{\"id\": 90, \"sentence\": \" \"}\n{\"id\": 91, \"sentence\": \"\"}\n");

        run(data, "out");

        assertThat(examples("out")).hasSize(40);
    }

    @Test
    void roundsFollowEachOther_eachFromTheSameCheckpoint() throws IOException {
        Path data = Mood.write(folder.resolve("data"), false);

        RunSummary summary = run(data, "out", "adapt.labellers=[lexical, agreement]");

        assertThat(summary.finished()).isTrue();
        assertThat(new RunFolder(folder.resolve("out/rounds/1")).readSummary()).isPresent();
        RunConfig second = new RunFolder(folder.resolve("out")).readConfig();
        assertThat(second.train().initialWeights())
                .isEqualTo(new RunFolder(folder.resolve("out/rounds/1"))
                        .readConfig()
                        .train()
                        .initialWeights());
        assertThat(told).anyMatch(line -> line.contains("(agreement)"));
    }

    @Test
    void aLabelBeforeTheTextIsGivenOnceAndMaskedOnce() {
        PromptSegment label = new PromptSegment(SegmentKind.LABEL, "好");
        PromptSegment words = new PromptSegment(SegmentKind.PROMPT, "的东西");
        PromptSegment text = new PromptSegment(SegmentKind.CONTEXT, "手机");

        assertThat(MaskedLabel.forms(List.of(text, words, label))).containsExactly(List.of(text, words, label));
        assertThat(MaskedLabel.forms(List.of(label, words, text)))
                .containsExactly(
                        List.of(new PromptSegment(SegmentKind.PROMPT, "好"), words, text),
                        List.of(
                                new PromptSegment(SegmentKind.PROMPT, MaskedLabel.MASK),
                                words,
                                text,
                                new PromptSegment(SegmentKind.PROMPT, MaskedLabel.MASK),
                                label));
    }

    private RunSummary run(Path data, String out, String... sets) {
        List<String> all = new ArrayList<>(List.of(
                "train.precision=fp32",
                "train.globalBatch=4",
                "train.microBatch=2",
                "train.validationBatches=1",
                "checkpoint.everySteps=0",
                "adapt.epochs=1",
                "adapt.confidence=0.9"));
        all.addAll(List.of(sets));
        AdaptationRequest request = new AdaptationRequest(
                base,
                List.of(Mood.task()),
                data,
                folder.resolve(out),
                further -> ConfigLoader.loadAdaptation(
                        "../configs/adapt/standard.yaml",
                        Stream.concat(all.stream(), further.stream()).toList()));
        return new AdaptationRun(
                        request,
                        (run, place) -> new Pretraining(
                                        run, place, Resume.auto(), new SilentProgress(), new StopRequest())
                                .run(),
                        told::add)
                .run();
    }

    private List<JsonNode> examples(String out) throws IOException {
        List<JsonNode> examples = new ArrayList<>();
        for (String file : List.of("text.jsonl", "validation.jsonl")) {
            for (String line : Files.readAllLines(folder.resolve(out).resolve(file))) {
                examples.add(new ObjectMapper().readTree(line));
            }
        }
        return examples;
    }

    private static String label(JsonNode example) {
        return join(example, "label");
    }

    private static String text(JsonNode example) {
        return join(example, "context");
    }

    private static String join(JsonNode example, String kind) {
        StringBuilder text = new StringBuilder();
        example.get("segments").forEach(segment -> {
            if (segment.get("kind").asText().equals(kind)) {
                text.append(segment.get("text").asText());
            }
        });
        return text.toString();
    }

    private float[] weights(String out) {
        try (TrainedModel trained = TrainedModel.open(folder.resolve(out))) {
            return trained.weights()
                    .getValue(
                            trained.model().parameters().get(0).parameter(),
                            trained.manager().getDevice(),
                            false)
                    .toFloatArray();
        }
    }
}
