package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code zeroshot}, {@code continue-pretrain} and {@code bench zeroshot} with a tiny model and rows of our own. */
class TaskCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SAMPLES =
            Path.of("..", "samples").toAbsolutePath().normalize();
    private static final String CONFIG = """
            model: {layers: 2, hidden: 32, heads: 2, sequenceLength: 64, vocabulary: 2500, experts: 4, residual: true}
            data: {train: %s, tokenizer: %s, cache: %s, validationFraction: 0.1}
            train:
              globalBatch: 4
              microBatch: 2
              steps: 2
              validationBatches: 1
              optimizer: {learningRate: 1e-3}
            """;
    private static final List<String> GOOD = List.of("很满意，质量好", "喜欢，物流很快", "不错，值得推荐", "穿着舒服，漂亮");
    private static final List<String> BAD = List.of("太差了，要退货", "失望，质量问题", "坏了，客服不行", "垃圾，后悔买了");

    /** A working folder as a person has it: {@code runs/base} and {@code data/zeroclue}. */
    @TempDir
    private static Path work;

    private static Path run;
    private static Path data;

    private Process process;

    @BeforeAll
    static void prepare() throws IOException {
        run = work.resolve("runs/base");
        data = work.resolve("data/zeroclue");
        Path config = work.resolve("tiny.yaml");
        Files.writeString(
                config,
                CONFIG.formatted(
                        quoted(SAMPLES.resolve("zh/dialogue.jsonl")),
                        quoted(SAMPLES.resolve("zh.model")),
                        quoted(work.resolve("cache"))));
        Call call = moe("pretrain", "--config", config.toString(), "--out", run.toString());
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        rows("eprstmt", "test_public", reviews(true));
        rows("eprstmt", "test", reviews(false));
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            List<String> from = i % 2 == 0 ? GOOD : BAD;
            texts.add(review(i, from.get(i / 2 % 4) + "，第" + i + "次买", null));
        }
        rows("eprstmt", "unlabeled", texts);
        List<String> news = List.of(news(1, "球队赢了比赛", 103), news(2, "房价又涨了", 106), news(3, "高考明天开始", 108));
        rows("tnews", "test_public", news);
        rows(
                "tnews",
                "test",
                news.stream()
                        .map(row -> row.replaceAll(", \"label\": \\d+", ""))
                        .toList());
        rows("tnews", "dev_0", List.of(news(1, "球队赢了比赛", 105)));
        rows(
                "chid",
                "test_public",
                List.of("{\"id\": 1, \"content\": \"他#idiom#地走了\", \"candidates\": [\"一\","
                        + " \"二\", \"三\", \"四\", \"五\", \"六\", \"七\"], \"answer\": 2}"));
    }

    private static String quoted(Path path) throws IOException {
        return JSON.writeValueAsString(path.toString());
    }

    private static void rows(String task, String split, List<String> rows) throws IOException {
        Files.write(Files.createDirectories(data.resolve(task)).resolve(split + ".json"), rows);
    }

    private static List<String> reviews(boolean labelled) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            rows.add(review(2 * i, GOOD.get(i), labelled ? "Positive" : null));
            rows.add(review(2 * i + 1, BAD.get(i), labelled ? "Negative" : null));
        }
        return rows;
    }

    private static String review(int id, String text, String label) {
        return "{\"id\": " + id + ", \"sentence\": \"" + text + "\""
                + (label == null ? "" : ", \"label\": \"" + label + "\"") + "}";
    }

    private static String news(int id, String text, int label) {
        return "{\"id\": " + id + ", \"label\": " + label + ", \"sentence\": \"" + text + "\"}";
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private static Call call(String line) {
        return moe(line.replace("{run}", run.toString())
                .replace("{data}", data.toString())
                .replace("{work}", work.toString())
                .split(" "));
    }

    private static JsonNode json(Call call) throws IOException {
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.out().lines()).hasSize(1);
        return JSON.readTree(call.out());
    }

    @Test
    void zeroshotReportsEachTaskAndWritesItsFiles() throws IOException {
        JsonNode results =
                json(call("zeroshot --task eprstmt,tnews --checkpoint {run} --data {data} --out {work}/two --json"));
        assertThat(results).hasSize(2);
        JsonNode reviews = results.get(0);
        assertThat(reviews.get("task").asText()).isEqualTo("eprstmt");
        assertThat(reviews.get("split").asText()).isEqualTo("test_public");
        assertThat(reviews.get("n").asInt()).isEqualTo(8);
        assertThat(reviews.get("accuracy").asDouble()).isBetween(0.0, 1.0);
        assertThat(reviews.get("rule").asText()).isEqualTo("likelihood");
        assertThat(reviews.get("promptsPerSecond").asDouble()).isPositive();
        assertThat(reviews.get("seconds").asDouble()).isPositive();
        assertThat(reviews.get("perLabel").get("Negative").get("count").asInt()).isEqualTo(4);
        assertThat(work.resolve("two/report.html")).content().contains("eprstmt, test_public");
        assertThat(JSON.readTree(work.resolve("two/results.json").toFile())).isEqualTo(results);
        assertThat(Files.readAllLines(work.resolve("two/submission/eprstmt_predict.json")))
                .hasSize(8);
        assertThat(work.resolve("two/submission/submission.zip")).isNotEmptyFile();
    }

    @Test
    void aLimitWritesNoSubmissionAndOneTaskIsOneDocument() throws IOException {
        JsonNode result = json(
                call("zeroshot --task eprstmt --checkpoint {run} --data {data} --limit 3 --out {work}/few --json"));
        assertThat(result.get("n").asInt()).isEqualTo(3);
        assertThat(work.resolve("few/submission")).doesNotExist();
        Call text = call("zeroshot --task eprstmt --checkpoint {run} --data {data} --limit 3 --out {work}/few");
        assertThat(text.out()).contains("eprstmt, test_public: 3 rows", "lexical", "zero-shot GPT", "report ");
        assertThat(text.err()).contains("checkpoint " + run, "3 of 3 rows");
    }

    @Test
    void twoResultsAreComparedRowByRow() throws IOException {
        String asked = "zeroshot --task eprstmt --checkpoint {run} --data {data} --no-submission --json --out {work}/";
        json(call(asked + "a"));
        json(call(asked + "b --patterns script"));
        Call text = call("zeroshot compare {work}/a {work}/b");
        assertThat(text.status()).as(text.err()).isEqualTo(ExitCode.DONE);
        assertThat(text.out()).contains("A: " + work.resolve("a"), "eprstmt.test_public", "McNemar p");
        JsonNode compared = json(call("zeroshot compare {work}/a {work}/b --json"));
        assertThat(compared.get("tasks").get(0).get("n").asInt()).isEqualTo(8);
        assertThat(compared.get("meanA").asDouble() - compared.get("meanB").asDouble())
                .isEqualTo(compared.get("difference").asDouble());
        assertThat(call("zeroshot compare {work}/a {work}/nothing").status()).isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void resultsOfDifferentTasksAreJoined() throws IOException {
        json(call("zeroshot --task eprstmt,tnews --checkpoint {run} --data {data} --out {work}/both --json"));
        for (String task : List.of("eprstmt", "tnews")) {
            json(call("zeroshot --task " + task + " --checkpoint {run} --data {data} --json --out {work}/" + task));
        }
        Call joined = call("zeroshot join --out {work}/joined {work}/tnews {work}/eprstmt");
        assertThat(joined.status()).as(joined.err()).isEqualTo(ExitCode.DONE);
        assertThat(joined.out()).contains("eprstmt", "tnews", "zero-shot GPT", "report ");
        for (String same : List.of(
                "submission/submission.zip",
                "submission/eprstmt_predict.json",
                "tnews.test_public.predictions.jsonl")) {
            assertThat(work.resolve("joined").resolve(same))
                    .as(same)
                    .hasSameBinaryContentAs(work.resolve("both").resolve(same));
        }
        JsonNode mean = json(call("zeroshot compare {work}/joined {work}/both --json"));
        assertThat(mean.get("difference").asDouble()).isZero();

        json(call("zeroshot --task eprstmt --checkpoint {run} --data {data} --no-submission --json --out {work}/none"));
        Call incomplete = call("zeroshot join --out {work}/partly {work}/none {work}/tnews");
        assertThat(incomplete.err()).contains("no submission: none in [" + work.resolve("none"));
        assertThat(work.resolve("partly/submission")).doesNotExist();
        assertThat(call("zeroshot join --out {work}/x {work}/none {work}/both").err())
                .contains("task eprstmt is in " + work.resolve("none") + " and in " + work.resolve("both"));
        assertThat(call("zeroshot join --out {work}/x {work}/nothing").err()).contains("does not exist");
        assertThat(call("zeroshot join --out {work}/both {work}/both").status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(work.resolve("x")).doesNotExist();
    }

    @Test
    void continuedPretrainingEvaluatesBothEndsOnce() throws IOException {
        String adapt = "continue-pretrain --task eprstmt --checkpoint {run} --data {data} --out {work}/adapted"
                + " --set train.precision=fp32 --set adapt.epochs=1 --set train.validationBatches=1";
        Call trained = call(adapt);
        assertThat(trained.status()).as(trained.err()).isEqualTo(ExitCode.DONE);
        assertThat(trained.err()).contains("run folder " + work.resolve("adapted") + ", from " + run, "24 rows");
        assertThat(trained.out()).contains("next: moe zeroshot --task eprstmt --checkpoint " + work.resolve("adapted"));
        assertThat(work.resolve("adapted/zeroshot")).doesNotExist();

        Call first = call(adapt + " --zeroshot --json");
        JsonNode document = json(first);
        assertThat(document.get("finished").asBoolean()).isTrue();
        assertThat(document.get("parameters").get("total").asLong()).isPositive();
        assertThat(document.get("before").get("checkpoint").asText()).startsWith(run.toString());
        JsonNode after = document.get("after");
        assertThat(after.get("results").get(0).get("n").asInt()).isEqualTo(8);
        assertThat(after.get("losses").get("label").get("tokens").asLong()).isPositive();
        assertThat(document.get("comparison")
                        .get("tasks")
                        .get(0)
                        .get("accuracyA")
                        .asDouble())
                .isEqualTo(after.get("results").get(0).get("accuracy").asDouble());
        assertThat(document.get("rounds")
                        .get(0)
                        .get("tasks")
                        .get(0)
                        .get("labelled")
                        .asInt())
                .isPositive();
        assertThat(work.resolve("adapted/zeroshot/before/eprstmt.test_public.predictions.jsonl"))
                .isNotEmptyFile();
        assertThat(work.resolve("adapted/zeroshot/after/results.json")).isNotEmptyFile();
        assertThat(work.resolve("adapted/zeroshot/after/submission")).doesNotExist();

        Call second = call(adapt + " --zeroshot");
        assertThat(second.status()).as(second.err()).isEqualTo(ExitCode.DONE);
        assertThat(second.err()).contains("results kept in " + work.resolve("adapted/zeroshot/before"));
        assertThat(second.out())
                .contains("pseudo label", "McNemar p", "report " + work.resolve("adapted/adaptation.html"));
        assertThat(work.resolve("adapted/adaptation.html")).content().contains("After against before", "zero-shot GPT");
    }

    @Test
    void threeWaysToScoreAreTimed() throws IOException {
        String bench = "bench zeroshot --task tnews --checkpoint {run} --data {data} --limit 2 --rounds 1";
        JsonNode measured = json(call(bench + " --json"));
        assertThat(measured.get("task").asText()).isEqualTo("tnews");
        assertThat(measured.get("prompts").asInt()).isEqualTo(2);
        assertThat(measured.get("candidates").asDouble()).isEqualTo(15);
        assertThat(measured.get("results").findValuesAsText("name")).containsExactly("one-by-one", "batched", "shared");
        for (JsonNode way : measured.get("results")) {
            assertThat(way.get("prompts_per_second").asDouble()).isPositive();
            assertThat(way.get("largest_difference").asDouble()).isLessThan(1e-4);
        }
        Call text = call(bench);
        assertThat(text.err()).contains("warming up", "round 1 of 1");
        assertThat(text.out()).contains("tnews, test_public: 2 prompts of 15.0 candidates", "one-by-one", "shared");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "zeroshot --task tnew --data {data} | 2 | tnews",
                "zeroshot --task tnews --data {work}/nothing | 3 | fetch-zeroclue",
                "zeroshot --task tnews --data {data} --rule guess | 2 | likelihood-per-token",
                "zeroshot --task chid --data {data} --rule pmi | 2 | own candidates",
                "zeroshot --task chid --data {data} --rule batch-calibration | 2 | own candidates",
                "zeroshot --task tnews --data {data} --patterns script --rule likelihood | 2 | tail-likelihood",
                "zeroshot --task tnews --data {data} --split ../tnews/dev_0 | 2 | no name of a split",
                "zeroshot --task tnews --data {data} --patterns poem | 2 | article",
                "zeroshot --task tnews --data {data} --limit -1 | 2 | --limit -1",
                "zeroshot --task tnews --data {data} --keep-classes -1 | 2 | 0 or more",
                "zeroshot --task tnews --data {data} --precision fp8 | 2 | fp8",
                "zeroshot --task tnews --data {data} --split dev_9 | 3 | dev_9.json",
                "zeroshot --task tnews --data {data} --split dev_0 | 3 | 105",
                "zeroshot --data {data} | 2 | --task",
                "continue-pretrain --task tnew --data {data} | 2 | tnews",
                "continue-pretrain --task eprstmt --data {work}/nothing | 3 | fetch-zeroclue",
                "continue-pretrain --task eprstmt --data {data} --split dev_0 | 2 | --zeroshot",
                "continue-pretrain --task eprstmt --data {data} --zeroshot --split test | 2 | no labels",
                "continue-pretrain --task eprstmt --data {data} --zeroshot --split dev_9 | 3 | dev_9.json",
                "continue-pretrain --task tnews --data {data} --zeroshot --split dev_0 | 3 | 105",
                "continue-pretrain --task eprstmt --data {data} --set adapt.labellers=[crowd] | 2 | crowd",
                "bench zeroshot --task tnew --data {data} | 2 | tnews",
                "bench zeroshot --task tnews --data {data} --limit 0 | 2 | --limit",
                "bench zeroshot --task tnews --data {data} --rounds 0 | 2 | --rounds",
                "bench zeroshot --task tnews --data {data} --precision fp8 | 2 | fp8",
                "bench zeroshot --task tnews --data {data} --split dev_9 | 3 | dev_9.json",
                "bench zeroshot --task tnews --data {work}/nothing | 3 | fetch-zeroclue",
            })
    void mistakesAreNamed(String line, int status, String named) throws IOException {
        boolean writes = line.startsWith("continue-pretrain");
        Call refused = call(line + " --checkpoint {run}" + (line.startsWith("bench") ? "" : " --out {work}/refused"));
        assertThat(refused.status()).as(refused.err()).isEqualTo(status);
        assertThat(refused.err()).contains(named).doesNotContain("\tat ");
        assertThat(refused.out()).isEmpty();
        if (writes) {
            assertThat(work.resolve("refused")).doesNotExist();
        }
    }

    /** The two calls with nothing but a task, in a process whose working folder has all the rest. */
    @Test
    void aTaskIsEnough() throws IOException, InterruptedException {
        Call scored = inWorkingFolder(Map.of(), "zeroshot", "--task", "tnews");
        assertThat(scored.status()).as(scored.err()).isEqualTo(ExitCode.DONE);
        assertThat(scored.err()).contains("data data/zeroclue", "runs/base");
        assertThat(scored.out()).contains("tnews, test_public: 3 rows");
        assertThat(run.resolve("zeroshot/article-auto-tnews/submission/submission.zip"))
                .isNotEmptyFile();

        Call adapted = inWorkingFolder(
                Map.of("MOE_DATA", data.toString()), "continue-pretrain", "--task", "eprstmt", "--zeroshot");
        assertThat(adapted.status()).as(adapted.err()).isEqualTo(ExitCode.DONE);
        assertThat(adapted.err())
                .contains("run folder runs/base-eprstmt, from runs/base", "data " + data + " ($MOE_DATA)");
        assertThat(adapted.out()).contains("report runs/base-eprstmt/adaptation.html");
        assertThat(work.resolve("runs/base-eprstmt/zeroshot/after/results.json"))
                .isNotEmptyFile();
    }

    private Call inWorkingFolder(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(work, "out", "");
        Path err = Files.createTempFile(work, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("MOE_DATA");
        builder.environment().putAll(environment);
        process = builder.start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Call(process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    }
}
