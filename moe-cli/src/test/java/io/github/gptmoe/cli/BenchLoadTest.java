package io.github.gptmoe.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code moe bench load} in a process of its own, which has children. */
@DisabledOnOs(OS.WINDOWS)
class BenchLoadTest {
    private static final List<String> SMALL = List.of(
            "--config",
            "bench-small",
            "--set",
            "model.hidden=32",
            "--set",
            "model.heads=2",
            "--set",
            "model.vocabulary=2000",
            "--set",
            "model.sequenceLength=16",
            "--set",
            "checkpoint.shardBytes=1048576");

    @TempDir
    private Path folder;

    private Process process;

    @AfterEach
    void end() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private Process start(String... further) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "bench",
                "load"));
        command.addAll(SMALL);
        command.addAll(
                List.of("--dir", Files.createDirectories(folder.resolve("disk")).toString()));
        command.addAll(List.of(further));
        Files.createFile(folder.resolve("err"));
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"), UTF_8);
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("disk"))) {
            return files.toList();
        }
    }

    @Test
    void measuresAndLeavesNothingBehind() throws IOException, InterruptedException {
        process = start("--size", "2MiB", "--rounds", "2", "--json");
        assertThat(process.waitFor()).as(err()).isEqualTo(ExitCode.DONE);
        JsonNode result = new ObjectMapper().readTree(Files.readString(folder.resolve("out"), UTF_8));
        assertThat(result.get("bytes").asLong()).isBetween(2_000_000L, 2_300_000L);
        assertThat(result.get("rounds")).hasSize(2);
        double[] ratios = new double[2];
        for (int round = 0; round < 2; round++) {
            JsonNode read = result.at("/rounds/" + round + "/read");
            JsonNode load = result.at("/rounds/" + round + "/load");
            assertThat(read.get("bytes")).isEqualTo(result.get("bytes"));
            assertThat(load.get("bytes")).isEqualTo(result.get("bytes"));
            ratios[round] = read.get("seconds").asDouble() / load.get("seconds").asDouble();
            assertThat(result.at("/rounds/" + round + "/ratio").asDouble())
                    .isCloseTo(ratios[round], withinPercentage(0.01));
        }
        assertThat(result.get("ratio").asDouble()).isCloseTo((ratios[0] + ratios[1]) / 2, withinPercentage(0.01));
        assertThat(result.get("checked_elements").asLong()).isGreaterThan(1_000);
        assertThat(result.get("tensor_bytes").asLong()).isGreaterThan(2_000_000L);
        assertThat(result.get("cache").asText()).isIn("cold", "warm", "partly", "mixed", "unknown");
        for (String rate : List.of("write", "read", "load")) {
            assertThat(result.get(rate + "_gigabytes_per_second").asDouble()).isPositive();
        }
        assertThat(result.get("peak_above_tensors_bytes").isNull())
                .isNotEqualTo(Files.exists(Path.of("/proc/self/status")));
        assertThat(left()).isEmpty();
    }

    @Test
    void keepsWhatItIsToldToKeep() throws IOException, InterruptedException {
        process = start("--size", "2MiB", "--rounds", "1", "--keep");
        assertThat(process.waitFor()).as(err()).isEqualTo(ExitCode.DONE);
        assertThat(Files.readString(folder.resolve("out"), UTF_8))
                .contains("plain read", "verify", "ratio", "elements compared");
        Path kept = left().get(0);
        assertThat(err()).contains("kept " + kept);
        assertThat(kept.resolve("step-00000001/weights.safetensors.index.json")).isRegularFile();
        CommandLineCalls.Call inspected =
                CommandLineCalls.moe("inspect", kept.resolve("step-00000001").toString());
        assertThat(inspected.status()).as(inspected.err()).isEqualTo(ExitCode.DONE);
        assertThat(inspected.out())
                .contains("weights-00001-of-0000", "weights.safetensors.index.json", "token_embedding.weight");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GiB of weights", "round 1/99  load"})
    void aSignalDeletesWhatWasWritten(String moment) throws IOException, InterruptedException {
        process = start("--size", "2MiB", "--rounds", "99");
        FollowedFile.await(folder.resolve("err"), moment, process);
        process.destroy(); // SIGTERM
        assertThat(process.waitFor()).as(err()).isEqualTo(ExitCode.STOPPED);
        assertThat(err()).contains("Stopping: what was written is deleted", "stopped");
        assertThat(left()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--size|1000|smallest cut of this model",
                "--size|1PiB|is not a size",
                "--size|1TiB|16 times at most",
                "--rounds|0|--rounds must be at least 1",
                "--dir|absent-folder|is not a folder",
            })
    void mistakesAreExplained(String option, String value, String message) {
        List<String> arguments = new ArrayList<>(List.of("bench", "load"));
        arguments.addAll(SMALL);
        arguments.addAll(List.of(option, value));
        CommandLineCalls.Call call = CommandLineCalls.moe(arguments.toArray(String[]::new));
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains(message);
    }

    @Test
    void whatTheMachineCannotHoldIsRefusedBeforeAnythingIsWritten() throws IOException {
        Files.createDirectory(folder.resolve("disk"));
        CommandLineCalls.Call call = CommandLineCalls.moe(
                "bench",
                "load",
                "--size",
                "500GB",
                "--dir",
                folder.resolve("disk").toString());
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains("GiB");
        assertThat(left()).isEmpty();
    }
}
