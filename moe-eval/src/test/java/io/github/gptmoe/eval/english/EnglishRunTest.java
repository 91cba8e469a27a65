package io.github.gptmoe.eval.english;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.task.PredictedRow;
import io.github.gptmoe.eval.task.PredictionFile;
import io.github.gptmoe.eval.zeroshot.ZeroShotListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From files to results, on a model with random weights. */
class EnglishRunTest implements ZeroShotListener {
    @TempDir
    static Path folder;

    private static TrainedModel trained;

    private final List<String> messages = new ArrayList<>();
    private final List<String> progress = new ArrayList<>();

    @BeforeAll
    static void open() {
        TinyRun.create(folder.resolve("run"));
        trained = TrainedModel.open(folder.resolve("run"), Precision.FP32);
    }

    @AfterAll
    static void close() {
        trained.close();
    }

    @Override
    public void message(String text) {
        messages.add(text);
    }

    @Override
    public void scored(String task, String split, int done, int rows) {
        progress.add(task + " " + split + " " + done + "/" + rows);
    }

    private List<EnglishResult> run(List<String> tasks, int limit) {
        return new EnglishRun(
                        trained,
                        new EnglishRequest(tasks, folder.resolve("data"), limit, 1, folder.resolve("out")),
                        this)
                .run();
    }

    private static void write(String file, String... rows) throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data").resolve(file), String.join("\n", rows));
    }

    private static double logLikelihood(String context, String continuation) {
        LoglikelihoodRequest request =
                LoglikelihoodRequest.of(trained.tokenizer(), context, continuation, trained.sequenceLength());
        return new LoglikelihoodScorer(trained).score(List.of(request)).get(0).logLikelihood();
    }

    @Test
    void perplexityIsThatOfTheLastWords() throws IOException {
        write("lambada_test.jsonl", "{\"text\": \"a b cd\"}", "{\"text\": \"e f gh\"}");
        EnglishResult result = run(List.of("lambada"), 0).get(0);
        double mean = (logLikelihood("a b", " cd") + logLikelihood("e f", " gh")) / 2;
        assertThat(result.perplexity()).isCloseTo(Math.exp(-mean), within(1e-3 * Math.exp(-mean)));
        assertThat(result.n()).isEqualTo(2);
        assertThat(result.accuracyPerCharacter()).isNaN();
        assertThat(result.baselines().majority()).isNaN();
        assertThat(EnglishText.of(result))
                .contains("lambada, test: 2 questions")
                .contains("perplexity");
        assertThat(progress).containsExactly("lambada test 2/2");
    }

    @Test
    void choicesHaveBaselinesAndPredictions() throws IOException {
        write(
                "piqa_valid.jsonl",
                "{\"goal\": \"a\", \"sol1\": \"bc\", \"sol2\": \"d\", \"label\": 1}",
                "{\"goal\": \"e\", \"sol1\": \"f\", \"sol2\": \"gh\", \"label\": 1}",
                "{\"goal\": \"i\", \"sol1\": \"j\", \"sol2\": \"k\", \"label\": 0}");
        EnglishResult result = run(List.of("piqa"), 0).get(0);
        List<PredictedRow> rows = PredictionFile.read(folder.resolve("out/piqa.valid.predictions.jsonl"));
        assertThat(rows).extracting(PredictedRow::gold).containsExactly("1", "1", "0");
        int right = 0;
        for (PredictedRow row : rows) {
            double first = row.scores().get("0");
            double second = row.scores().get("1");
            assertThat(row.predicted()).isEqualTo(second > first ? "1" : "0");
            right += row.predicted().equals(row.gold()) ? 1 : 0;
        }
        assertThat(rows.get(0).scores().get("0")).isCloseTo(logLikelihood("Question: a\nAnswer:", " bc"), within(1e-4));
        assertThat(result.correct()).isEqualTo(right);
        assertThat(result.accuracy()).isEqualTo(right / 3.0);
        assertThat(result.interval().contains(result.accuracy())).isTrue();
        assertThat(result.baselines().majority()).isEqualTo(2 / 3.0);
        assertThat(result.baselines().majorityLabel()).isEqualTo("1");
        assertThat(result.baselines().random()).isEqualTo(0.5);
        assertThat(result.accuracyPerCharacter()).isBetween(0.0, 1.0);
        assertThat(result.perplexity()).isNaN();
    }

    @Test
    void cutContextsAreCountedAndTold() throws IOException {
        write(
                "boolq_val.jsonl",
                "{\"question\": \"q\", \"passage\": \"" + "abcdefgh ".repeat(20) + "\", \"idx\": 1, \"label\": true}",
                "{\"question\": \"q\", \"passage\": \"" + "abcdefgh ".repeat(20) + "\", \"idx\": 2, \"label\": false}");
        EnglishResult result = run(List.of("boolq"), 1).get(0);
        assertThat(result.n()).isEqualTo(1);
        assertThat(result.cutRows()).isEqualTo(1);
        assertThat(messages).anyMatch(message -> message.startsWith("boolq: 1 contexts were too long for 24 tokens"));
        assertThat(EnglishText.of(result)).contains("1 contexts cut");
    }

    @Test
    void allFilesAreReadBeforeAnythingIsScored() throws IOException {
        write("piqa_valid.jsonl", "{\"goal\": \"a\", \"sol1\": \"bc\", \"sol2\": \"d\", \"label\": 1}");
        write("webqs_test.jsonl", "{\"qId\": \"1\", \"qText\": \"q\"}");
        assertThatThrownBy(() -> run(List.of("piqa", "webqs"), 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("webqs_test.jsonl, line 1: the field answers is missing");
        assertThat(progress).isEmpty();
    }

    @Test
    void candidatesBeyondTheModelAreCountedAndTold() throws IOException {
        write(
                "webqs_test.jsonl",
                "{\"qId\": \"1\", \"qText\": \"q\", \"answers\": [\"" + "abcdefgh ".repeat(20) + "\"]}");
        EnglishResult result = run(List.of("webqs"), 0).get(0);
        assertThat(result.cutRows()).isEqualTo(1);
        assertThat(result.cutCandidates()).isEqualTo(1);
        assertThat(messages).anyMatch(message -> message.contains("only its last 24 tokens were scored"));
        assertThat(EnglishText.of(result)).contains("1 contexts cut to fit the model, 1 candidates too");
    }
}
