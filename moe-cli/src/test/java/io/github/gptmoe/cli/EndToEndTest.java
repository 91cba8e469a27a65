package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.train.attention.AttentionCase;
import io.github.gptmoe.train.attention.AttentionTable;
import io.github.gptmoe.train.attention.AttentionTiming;
import io.github.gptmoe.train.attention.AttentionTimings;
import io.github.gptmoe.train.attention.AttentionTuner;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model through the commands that a person would call, on the bundled samples. */
class EndToEndTest {

    private static final Path SAMPLES =
            Path.of("..", "samples").toAbsolutePath().normalize();
    private static final String CONFIG = """
            model: {layers: 2, hidden: 32, heads: 2, sequenceLength: 32, vocabulary: 2500, experts: 4, residual: true}
            data: {train: %s, tokenizer: %s, cache: %s, validationFraction: 0.1}
            train:
              globalBatch: 4
              microBatch: 2
              steps: 3
              validateEvery: 2
              validationBatches: 2
              optimizer: {learningRate: 1e-3}
            report: {samplePrompt: 今天, sampleTokens: 4}
            """;

    @TempDir
    private static Path folder;

    private static Path config;
    private static Path run;
    private static Call firstCall;

    @BeforeAll
    static void train() throws IOException {
        config = folder.resolve("tiny.yaml");
        run = folder.resolve("run");
        Files.writeString(
                config,
                CONFIG.formatted(
                        quoted(SAMPLES.resolve("zh/dialogue.jsonl")),
                        quoted(SAMPLES.resolve("zh.model")),
                        quoted(folder.resolve("cache"))));
        firstCall = pretrain();
    }

    private static String quoted(Path path) throws IOException {
        return new ObjectMapper().writeValueAsString(path.toString());
    }

    private static Call pretrain(String... more) {
        List<String> call =
                new ArrayList<>(List.of("pretrain", "--config", config.toString(), "--out", run.toString()));
        call.addAll(List.of(more));
        return moe(call.toArray(String[]::new));
    }

    private static JsonNode json(Call call) throws IOException {
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.out().lines()).hasSize(1);
        return new ObjectMapper().readTree(call.out());
    }

    @Test
    void pretrainingShowsProgressResultsAndTheNextStep() throws IOException {
        assertThat(firstCall.status()).as(firstCall.err()).isEqualTo(ExitCode.DONE);
        assertThat(firstCall.err()).contains("step 1/3", "step 2  validation loss", "checkpoint ");
        assertThat(firstCall.out()).contains("validation loss", "(bigram)", "sample: 今天", "next: moe generate");
        JsonNode summary =
                new ObjectMapper().readTree(run.resolve("summary.json").toFile());
        assertThat(summary.get("parameters").get("total").asLong()).isPositive();
        assertThat(summary.get("secondsToFirstStep").asDouble()).isPositive();
        assertThat(summary.get("dataWaitShare").asDouble()).isBetween(0.0, 1.0);
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(5); // 3 steps, 2 validations
    }

    @Test
    void theSameCallAgainHasNothingLeftToDo() throws IOException {
        List<String> before = Files.readAllLines(run.resolve("metrics.jsonl"));
        JsonNode summary = json(pretrain("--json"));
        assertThat(summary.get("step").asLong()).isEqualTo(3);
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")).subList(0, 3))
                .isEqualTo(before.subList(0, 3));
    }

    @Test
    void theReportIsWrittenAndNoReasonToFail() throws IOException {
        Path report = run.resolve("report.html");
        assertThat(firstCall.err()).contains("report " + report);
        assertThat(report).content().contains("Run run", "Expert load");
        byte[] written = Files.readAllBytes(report);
        Files.delete(report);
        Files.createDirectories(report.resolve("in the way"));
        Call call = pretrain();
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.err()).contains("warning: no report was written", "moe report " + run);
        Files.delete(report.resolve("in the way"));
        Files.delete(report);
        assertThat(moe("report", run.toString()).status()).isEqualTo(ExitCode.DONE);
        assertThat(report).hasBinaryContent(written);
    }

    @Test
    void changedSettingsAreNotAContinuation() {
        Call call = pretrain("--set", "model.heads=4");
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains("model.heads").doesNotContain("\tat ");
    }

    @Test
    void scoresAreNaturalLogsOfProbabilities() throws IOException {
        JsonNode scored = json(moe("score", "--checkpoint", run.toString(), "--text", "今天天气很好", "--json"));
        assertThat(scored.fieldNames()).toIterable().containsExactly("tokens", "ids", "logProbabilities");
        JsonNode values = scored.get("logProbabilities");
        assertThat(values).hasSameSizeAs(scored.get("tokens")).hasSameSizeAs(scored.get("ids"));
        assertThat(values.get(0).isNull()).isTrue();
        for (int i = 1; i < values.size(); i++) {
            assertThat(values.get(i).asDouble()).isBetween(-20.0, 0.0);
        }
    }

    @Test
    void generationRepeatsWithItsSeed() throws IOException {
        String[] call = {"generate", "--checkpoint", run.toString(), "--prompt", "今天", "--tokens", "8", "--json"};
        JsonNode first = json(moe(call));
        assertThat(first.get("prompt").asText()).isEqualTo("今天");
        assertThat(json(moe(call))).isEqualTo(first);
        Call greedy = moe("generate", "--checkpoint", run.toString(), "--temperature", "0", "--tokens", "2");
        assertThat(greedy.status()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void severalPromptsAreAnArrayOfWhatEachGivesAlone() throws IOException {
        String[] settings = {"--checkpoint", run.toString(), "--temperature", "0", "--tokens", "6", "--json"};
        JsonNode first = json(moe(call(settings, "--prompt", "今天")));
        JsonNode second = json(moe(call(settings, "--prompt", "天气很好")));
        JsonNode both = json(moe(call(settings, "--prompt", "今天", "--prompt", "天气很好", "--batch", "2")));
        assertThat(both.isArray()).isTrue();
        assertThat(both).containsExactly(first, second);
        Path file = folder.resolve("prompts.txt");
        Files.writeString(file, "\uFEFF今天\r\n\n天气很好");
        JsonNode fromFile = json(moe(call(settings, "--prompts", file.toString(), "--batch", "3")));
        assertThat(fromFile).hasSize(3);
        assertThat(fromFile.get(0)).isEqualTo(first);
        assertThat(fromFile.get(1).get("prompt").asText()).isEmpty();
        assertThat(fromFile.get(2)).isEqualTo(second);
        Files.writeString(file, "今天\n");
        assertThat(json(moe(call(settings, "--prompts", file.toString())))).containsExactly(first);
    }

    private static String[] call(String[] settings, String... more) {
        List<String> call = new ArrayList<>(List.of("generate"));
        call.addAll(List.of(settings));
        call.addAll(List.of(more));
        return call.toArray(String[]::new);
    }

    @Test
    void severalPromptsAreShownInOrder() {
        Call shown =
                moe("generate", "--checkpoint", run.toString(), "--prompt", "今天", "--prompt", "天", "--tokens", "2");
        assertThat(shown.out()).startsWith("== 1 of 2\n今天").contains("\n== 2 of 2\n天");
        assertThat(shown.err()).contains("1 of 2: ", "2 of 2: ");
    }

    @Test
    void aPromptOfSeveralThatIsTooLongIsNamed() {
        Call refused = moe("generate", "--checkpoint", run.toString(), "--prompt", "今天", "--prompt", "天".repeat(100));
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err()).contains("prompt 2 of 2").contains("shorten");
        assertThat(refused.out()).isEmpty();
    }

    @Test
    void benchGenerateReportsEveryBatchSize() throws IOException {
        String[] sizes = {"--batch", "1,3", "--prompt-tokens", "8", "--tokens", "4", "--json"};
        List<String> random = new ArrayList<>(List.of("bench", "generate", "--config", config.toString()));
        random.addAll(List.of(sizes));
        List<String> trained = new ArrayList<>(List.of("bench", "generate", "--checkpoint", run.toString()));
        trained.addAll(List.of(sizes));
        for (List<String> call : List.of(random, trained)) {
            JsonNode result = json(moe(call.toArray(String[]::new)));
            assertThat(result.get("precision").asText()).isIn("fp32", "bf16");
            assertThat(result.get("memory_peak_gigabytes").asDouble()).isPositive();
            assertThat(result.get("results")).hasSize(2);
            assertThat(result.get("results").get(1).get("batch").asInt()).isEqualTo(3);
            for (JsonNode row : result.get("results")) {
                assertThat(row).hasSize(11).allMatch(JsonNode::isNumber);
                double rate = row.get("bytes_per_step").asDouble()
                        / row.get("seconds_per_step").asDouble()
                        / 1e9;
                assertThat(row.get("gigabytes_per_second").asDouble()).isCloseTo(rate, within(1e-6 * rate));
                assertThat(row.get("prefill_tokens_per_second").asDouble()).isPositive();
                assertThat(row.get("experts_per_layer").asDouble())
                        .isBetween(1.0, row.get("batch").asDouble());
                assertThat(row.get("cache_bytes_per_step").asDouble()).isPositive();
            }
        }
    }

    @Test
    void inspectionListsTheTensorsThatThePlanCounts() throws IOException {
        JsonNode contents = json(moe("inspect", "--checkpoint", run.toString(), "--json"));
        long elements = 0;
        for (JsonNode file : contents.get("files")) {
            for (JsonNode tensor : file.get("tensors")) {
                long size = 1;
                for (JsonNode dimension : tensor.get("shape")) {
                    size *= dimension.asLong();
                }
                elements += size;
            }
        }
        JsonNode plan = json(moe("plan", "--config", config.toString(), "--json"));
        assertThat(elements).isEqualTo(plan.get("parameters").get("total").asLong());
        assertThat(contents.get("step").asLong()).isEqualTo(3);
    }

    @Test
    void inspectTakesTheRunOrACheckpointWithoutAnOption() throws IOException {
        JsonNode named = json(moe("inspect", "--checkpoint", run.toString(), "--json"));
        assertThat(json(moe("inspect", run.toString(), "--json"))).isEqualTo(named);
        assertThat(json(moe("inspect", named.get("folder").asText(), "--json"))).isEqualTo(named);
    }

    @Test
    void promptIsPrintedOnlyIfItIsContinued() {
        Call refused = moe("generate", "--checkpoint", run.toString(), "--prompt", "天".repeat(100));
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.out()).isEmpty();
        Call continued = moe("generate", "--checkpoint", run.toString(), "--prompt", "今天", "--tokens", "2");
        assertThat(continued.out()).startsWith("今天").endsWith("\n");
    }

    @Test
    void benchReportsTheFieldsOfTheComparison() throws IOException {
        JsonNode result = json(moe("bench", "step", "--config", config.toString(), "--steps", "1", "--json"));
        assertThat(result.fieldNames())
                .toIterable()
                .contains(
                        "params",
                        "tokens_per_step",
                        "seconds_per_step",
                        "tokens_per_second",
                        "gflops",
                        "gemm_peak_gflops",
                        "mfu",
                        "loss",
                        "precision",
                        "attention",
                        "state_bytes",
                        "skipped_steps");
        assertThat(result.get("attention").asText()).isEqualTo("block-128");
        assertThat(result.get("tokens_per_step").asLong()).isEqualTo(4 * 32);
    }

    /** The environment of the tests switches the table off: nothing is measured. */
    @Test
    void theFormOfAttentionIsToldAndRecorded() throws IOException {
        String told = "attention: block-128 (the fixed rule for fp32 and 32 tokens; MOE_ATTENTION_TABLE is off)";
        assertThat(firstCall.err()).contains(told);
        assertThat(run.resolve("config.yaml")).content().contains("  attention: block-128\n");
        Call bench = moe("bench", "step", "--config", config.toString(), "--steps", "1");
        assertThat(bench.err()).contains(told);
        assertThat(bench.out()).contains("fp32, attention block-128, ");
        Call unknown = pretrain("--set", "train.attention=fusd");
        assertThat(unknown.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(unknown.err()).contains("train.attention", "did you mean 'fused'?");
    }

    @Test
    void autotuneShowsWhatIsKept() throws IOException {
        Path file = folder.resolve("attention.json");
        AttentionTable table = new AttentionTable(file, warning -> {});
        List<AttentionTiming> timings = new ArrayList<>();
        for (NamedAttention form : NamedAttention.values()) {
            timings.add(new AttentionTiming(form.label(), 1.5, form == NamedAttention.SDPA ? 2.25 : 3));
        }
        RunConfig configured = ConfigLoader.load(config, List.of());
        AttentionCase of = AttentionTuner.here(table, warning -> {}).caseOf(configured);
        assertThat(table.keep(of, new AttentionTimings(timings, Map.of()))).isTrue();
        String[] call = {
            "bench", "autotune", "--config", config.toString(), "--table", file.toString(), "--attention-only"
        };
        Call shown = moe(call);
        assertThat(shown.status()).as(shown.err()).isEqualTo(ExitCode.DONE);
        assertThat(shown.out())
                .contains("fp32, 4 heads of 32 tokens x 16; ", "from the table " + file)
                .containsPattern("sdpa +1\\.50 +2\\.25 +3\\.75 {2}<- chosen");
        List<String> more = new ArrayList<>(List.of(call));
        more.addAll(List.of("--json", "--set", "train.attention=fused"));
        JsonNode document = json(moe(more.toArray(String[]::new)));
        assertThat(document.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "device",
                        "threads",
                        "libtorch",
                        "kernels",
                        "precision",
                        "heads",
                        "sequenceLength",
                        "headSize",
                        "timings",
                        "chosen",
                        "source",
                        "table",
                        "leftOut");
        assertThat(document.get("chosen").asText()).isEqualTo("sdpa");
        assertThat(document.get("source").asText()).isEqualTo("table");
        assertThat(document.get("heads").asLong()).isEqualTo(4);
        assertThat(document.get("timings")).hasSize(6);
        assertThat(document.get("timings").get(5).get("backwardMilliseconds").asDouble())
                .isEqualTo(2.25);
        more.remove("--json");
        assertThat(moe(more.toArray(String[]::new)).out()).contains("names train.attention: fused");
    }

    @Test
    void scalingMeasuresEachValueInAProcessOfItsOwn() throws IOException {
        Path plot = folder.resolve("scaling.svg");
        Call call = moe(
                "bench",
                "scaling",
                "--config",
                config.toString(),
                "--set",
                "model.residual=false",
                "--over",
                "model.experts",
                "--values",
                "0,4",
                "--steps",
                "1",
                "--rounds",
                "1",
                "--plot",
                plot.toString(),
                "--json");
        JsonNode result = json(call);
        assertThat(call.err()).contains("round 1/1  model.experts=4 ...", "s a step", "plot " + plot);
        assertThat(result.get("config").asText()).isEqualTo("tiny");
        assertThat(result.get("residual").asBoolean()).isFalse();
        JsonNode rows = result.get("values");
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).get("value").asInt()).isZero();
        for (JsonNode row : rows) {
            assertThat(row.get("failure")).as(call.err()).isNull();
            assertThat(row.get("ns_per_token").asDouble()).isPositive();
            assertThat(row.get("attention").asText()).isEqualTo("block-128");
            assertThat(row.get("ratio_to_dense").asDouble()).isPositive();
        }
        assertThat(rows.get(1).get("params").asLong())
                .isGreaterThan(rows.get(1).get("active_params").asLong());
        assertThat(plot).content().contains("<svg", "dense");
    }

    @Test
    void missingDataIsNamed() {
        Call call = moe(
                "pretrain",
                "--config",
                config.toString(),
                "--out",
                folder.resolve("other").toString(),
                "--set",
                "data.train=missing/*.jsonl");
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains("missing").doesNotContain("\tat ");
    }
}
