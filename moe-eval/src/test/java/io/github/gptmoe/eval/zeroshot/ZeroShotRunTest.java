package io.github.gptmoe.eval.zeroshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.adapt.Mood;
import io.github.gptmoe.eval.scoring.HierarchicalRanking.ClassScore;
import io.github.gptmoe.eval.task.PredictedRow;
import io.github.gptmoe.eval.task.PredictionFile;
import io.github.gptmoe.eval.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZeroShotRunTest {
    private static final ZeroShotSettings PLAIN = ZeroShotSettings.of("article");

    @TempDir
    static Path folder;

    private static TrainedModel trained;
    private static Path data;

    private final List<String> heard = new ArrayList<>();
    private final ZeroShotListener listener = new ZeroShotListener() {
        @Override
        public void message(String text) {
            heard.add(text);
        }

        @Override
        public void scored(String task, String split, int done, int rows) {
            heard.add(task + " " + split + " " + done + "/" + rows);
        }
    };

    @BeforeAll
    static void open() throws IOException {
        trained = TrainedModel.open(TinyRun.create(folder.resolve("run")).folder(), Precision.FP32);
        data = Mood.write(Animals.write(folder.resolve("data")), false);
    }

    @AfterAll
    static void close() {
        trained.close();
    }

    private ZeroShotRun run(List<Task> tasks, String split, int limit, boolean submission, String out) {
        return new ZeroShotRun(
                trained,
                PLAIN,
                new ZeroShotRequest(tasks, data, split, limit, submission, folder.resolve(out)),
                listener);
    }

    @Test
    void predictionsAndASubmissionThatWouldBeAccepted() throws IOException {
        ZeroShotRun run = run(List.of(Animals.task(), Mood.task()), "test_public", 0, true, "both");

        List<TaskResult> results = run.run();

        assertThat(results).extracting(TaskResult::task).containsExactly("animals", "mood");
        TaskResult animals = results.get(0);
        assertThat(animals.n()).isEqualTo(8);
        assertThat(animals.accuracy()).isEqualTo(animals.correct() / 8.0).isBetween(0.0, 1.0);
        assertThat(animals.baselines().lexical()).isBetween(0.125, 1.0);
        assertThat(animals.baselines().random()).isEqualTo(0.25);
        List<PredictedRow> predictions =
                PredictionFile.read(folder.resolve("both/animals.test_public.predictions.jsonl"));
        assertThat(predictions).hasSize(8);
        assertThat(predictions.stream().filter(row -> row.predicted().equals(row.gold())))
                .hasSize(animals.correct());
        for (PredictedRow row : predictions) {
            double best = row.scores().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElseThrow();
            assertThat(row.scores().get(row.predicted())).isEqualTo(best);
        }
        Path zip = folder.resolve("both/submission").resolve(ZeroShotRun.ARCHIVE);
        try (ZipFile files = new ZipFile(zip.toFile())) {
            assertThat(files.stream().map(ZipEntry::getName))
                    .hasSize(2)
                    .allMatch(name -> name.endsWith("_predict.json"));
        }
        assertThat(heard).contains("animals test 8/8", "mood test_public 2/2");
    }

    @Test
    void aLimitDrawsRowsAndWritesNoSubmission() {
        ZeroShotRun run = run(List.of(Animals.task()), "test_public", 3, false, "few");
        assertThat(run.run().get(0).n()).isEqualTo(3);
        assertThat(folder.resolve("few/submission")).doesNotExist();
        Path file = folder.resolve("few/animals.test_public.predictions.jsonl");
        assertThat(PredictionFile.read(file)).hasSize(3);
        run(List.of(Animals.task()), "test_public", 3, false, "again").run();
        assertThat(folder.resolve("again/animals.test_public.predictions.jsonl"))
                .hasSameBinaryContentAs(file);
    }

    @Test
    void aSubmissionOfSomeRowsIsRefused() {
        assertThatThrownBy(() -> run(List.of(Animals.task()), "test_public", 3, true, "none"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--limit 3");
        assertThatThrownBy(() -> run(List.of(Animals.task()), "test_public", -1, false, "none"))
                .hasMessageContaining("--limit -1");
    }

    @Test
    void withoutLabelsThereIsNoAccuracy() {
        TaskResult result =
                run(List.of(Animals.task()), "test", 0, false, "test").run().get(0);
        assertThat(result.accuracy()).isNaN();
        assertThat(result.labelled()).isZero();
        assertThat(result.baselines().lexical()).isNaN();
    }

    @Test
    void resultsAreReadAsTheyWereWritten() {
        List<TaskResult> results =
                run(List.of(Animals.task()), "test_public", 0, false, "read").run();
        Path file = folder.resolve("read/results.json");
        ResultFile.write(file, results);
        assertThat(ResultFile.read(file)).isEqualTo(results);
    }

    @Test
    void aMissingFileIsNamedAndARuleThatDoesNotExistBeginsNothing() throws IOException {
        assertThatThrownBy(() ->
                        run(List.of(Mood.task()), "dev_9", 0, false, "none").run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("dev_9.json");
        Path bad = Files.createDirectories(folder.resolve("bad/animals"));
        Files.writeString(bad.resolve("test_public.json"), "{\"id\": 1, \"sentence\": \"会飞\", \"label\": \"99\"}\n");
        ZeroShotRequest request = new ZeroShotRequest(
                List.of(Animals.task()), folder.resolve("bad"), "test_public", 0, false, folder.resolve("none"));
        assertThatThrownBy(() -> new ZeroShotRun(trained, PLAIN, request, listener).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("99")
                .hasMessageContaining("line 1");
        ZeroShotSettings guess = new ZeroShotSettings("article", "guess", 0, ClassScore.WORDS, 0, 1, true);
        assertThatThrownBy(() -> new ZeroShotRun(trained, guess, request, listener).run())
                .hasMessageContaining("guess");
        assertThat(folder.resolve("none")).doesNotExist();
    }
}
