package io.github.gptmoe.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A termination signal to {@code moe bench scaling} in a process of its own, which has a child. */
@DisabledOnOs(OS.WINDOWS)
class BenchScalingStopTest {
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

    private Process start(Path temporary, Path out, Path err) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + temporary,
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of("bench", "scaling", "--config", "bench-small", "--over", "model.layers"));
        command.addAll(List.of("--values", "1,2", "--rounds", "9", "--steps", "1"));
        for (String small : List.of("hidden=32", "heads=2", "sequenceLength=32", "vocabulary=100", "experts=0")) {
            command.addAll(List.of("--set", "model." + small));
        }
        command.addAll(List.of("--set", "train.globalBatch=1", "--set", "train.microBatch=1"));
        Files.createFile(err);
        return new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    @ParameterizedTest
    @CsvSource({"round 1/9  model.layers=1 ..., 0", "round 1/9  model.layers=2 ..., 1"})
    void itShowsWhatItHasAndLeavesNothingBehind(String moment, int measured) throws IOException, InterruptedException {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        process = start(temporary, out, err);
        FollowedFile.await(err, moment, process);
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy(); // SIGTERM
        assertThat(process.waitFor()).as(Files.readString(err, UTF_8)).isEqualTo(ExitCode.STOPPED);
        assertThat(Files.readString(err, UTF_8))
                .contains("Stopping: ", "stopped after " + measured + " of 18 measurements");
        String table = Files.readString(out, UTF_8);
        if (measured == 0) {
            assertThat(table).isEmpty();
        } else {
            assertThat(table).contains("medians of at most 9 rounds");
            assertThat(table).containsPattern("\n +1 .*1\\.000 +block-128\n").containsPattern("\n +2 .*not measured\n");
        }
        for (ProcessHandle child : children) {
            child.onExit().join();
        }
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("moe-child"));
        }
    }
}
