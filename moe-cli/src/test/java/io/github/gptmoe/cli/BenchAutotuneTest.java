package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code moe bench autotune} with children of a tiny model. */
class BenchAutotuneTest {
    private static final String CONFIG = """
            model: {layers: 2, hidden: 32, heads: 2, sequenceLength: 32, vocabulary: 100, experts: 4}
            data: {train: unused.txt, tokenizer: unused.model}
            train: {globalBatch: 2, microBatch: 1, steps: 3, attention: block-64, optimizer: {learningRate: 1e-3}}
            """;

    @TempDir
    private Path folder;

    private Path config;

    @BeforeEach
    void write() throws IOException {
        config = folder.resolve("tiny.yaml");
        Files.writeString(config, CONFIG);
    }

    private List<String> arguments(String... more) {
        List<String> call = new ArrayList<>(List.of("bench", "autotune", "--config", config.toString()));
        call.addAll(List.of("--table", folder.resolve("attention.json").toString()));
        call.addAll(List.of("--out", folder.toString()));
        call.addAll(List.of(more));
        return call;
    }

    /** One step without warm-up: what is measured does not matter here. */
    private Call quick(String... more) {
        List<String> call = arguments(more);
        call.addAll(List.of("--steps", "1", "--warm-up", "0"));
        return moe(call.toArray(String[]::new));
    }

    private Call autotune(String... more) {
        return moe(arguments(more).toArray(String[]::new));
    }

    @Test
    void theFastestIsWrittenAsACompleteConfiguration() throws IOException {
        Call call = quick("--try", "train.recompute=none", "--rounds", "1", "--finalists", "2");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.err())
                .contains(
                        "attention block-64; 2 combinations of switches, at most 2",
                        "1 of at most 4  microBatch=1 ",
                        " left");
        assertThat(call.out())
                .contains("names train.attention: block-64", "full grid of 2 combinations, 64 tokens an iteration")
                .contains("router losses are means")
                .containsPattern(
                        "devices +micro-batch +accumulation +recompute +ZeRO +ms/iteration +tokens/s +peak GiB")
                .containsPattern("\n +1 +1 +2  none +0 +[0-9.,]+ ")
                .containsPattern("\n +1 +2 +1  none +0 +[0-9.,]+ ")
                .containsPattern("\n +1 +[12] +[12]  none .*  <- chosen\n");
        Path file = folder.resolve("tiny.tuned.yaml");
        assertThat(call.out()).contains("written to " + file + "; next: moe pretrain --config " + file);
        String text = Files.readString(file);
        assertThat(text)
                .startsWith("# " + config + " with the fastest switches that moe bench autotune found on ")
                .contains("threads, libtorch", "fp32, attention block-64", "<- chosen");
        RunConfig written = ConfigLoader.load(file, List.of());
        boolean larger = call.out().lines().anyMatch(line -> line.matches(" +1 +2 +1 .*<- chosen"));
        assertThat(written).isEqualTo(ConfigLoader.load(config, List.of("train.microBatch=" + (larger ? 2 : 1))));
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("tiny.yaml", "tiny.tuned.yaml", "attention.json", "attention.json.lock");
        }
        Call again = autotune();
        assertThat(again.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(again.err()).contains(file + " exists; overwrite it with --force");
        assertThat(file).hasContent(text);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatDoesNotFitIsARowOfTheDocument() throws IOException {
        Call call = quick("--memory", "20MiB", "--try", "train.recompute=none", "--json");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains("no combination could be measured");
        assertThat(call.out().lines()).hasSize(1);
        JsonNode document = new ObjectMapper().readTree(call.out());
        assertThat(document.get("chosen").isTextual()).isTrue();
        assertThat(document.has("written")).isFalse();
        JsonNode search = document.get("search");
        assertThat(search.get("complete").asBoolean()).isTrue();
        assertThat(search.get("rows")).hasSize(2);
        for (JsonNode row : search.get("rows")) {
            assertThat(row.get("status").asText()).isEqualTo("out-of-memory");
            assertThat(row.get("reason").asText()).isEqualTo("was ended at the memory limit");
            assertThat(row.get("millisecondsPerStep").isNull()).isTrue();
            assertThat(row.get("winner").asBoolean()).isFalse();
        }
        assertThat(folder.resolve("tiny.tuned.yaml")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--devices 0 | --devices must be at least 1",
                "--steps 0 | --steps must be at least 1",
                "--warm-up -1 | --warm-up must be at least 0",
                "--rounds 0 | --rounds must be at least 1",
                "--timeout 0 | --timeout must be at least 1",
                "--memory much | 'much' is",
                "--try train.microBatch | write KEY=V1,V2",
                "--try train.microBatch=3 | 3 does not divide globalBatch 2",
                "--try model.hidden=64 | model.hidden is no switch",
                "--set train.zeroStage=1 | train.zeroStage 1 divides the optimizer over ranks",
                "--no-write | --no-write stands against --write, --out and --force",
                "--write . | is a folder",
            })
    void mistakesAreSaidBeforeAnythingIsMeasured(String options, String message) {
        Call call = autotune(options.split(" "));
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains(message);
        assertThat(call.out()).isEmpty();
        assertThat(folder.resolve("attention.json")).doesNotExist();
    }

    @Test
    void aFolderThatIsNotThereIsTheEnvironments() {
        Call call = autotune("--write", "missing/tuned.yaml");
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains("missing", "its folder does not exist");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aStopShowsWhatThereIsAndWritesNothing() throws IOException, InterruptedException {
        Path err = Files.createFile(folder.resolve("err"));
        Path out = folder.resolve("out");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments("--steps", "1"));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            while (!Files.readString(err, UTF_8).contains("2 of at most ")) {
                assertThat(process.isAlive()).as(Files.readString(err, UTF_8)).isTrue();
                Thread.sleep(20);
            }
            process.destroy(); // SIGTERM
            assertThat(process.waitFor()).as(Files.readString(err, UTF_8)).isEqualTo(ExitCode.STOPPED);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(Files.readString(err, UTF_8)).contains("stopped after 1 combinations; no config is written");
        assertThat(Files.readString(out, UTF_8))
                .containsPattern("\n +1 +1 +2  none +0 +[0-9.,]+ ")
                .doesNotContain("written to")
                .doesNotContainPattern("\n +1 +[12] +[12] .*<- chosen");
        assertThat(folder.resolve("tiny.tuned.yaml")).doesNotExist();
    }
}
