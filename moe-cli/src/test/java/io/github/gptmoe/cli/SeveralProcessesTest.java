package io.github.gptmoe.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls with the variables of a process among two, on a machine without a GPU. */
class SeveralProcessesTest {
    @TempDir
    private Path folder;

    private CommandLineCalls.Call call(int rank, String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command);
        // Nothing listens there: whoever does not refuse at once would wait for ten minutes.
        builder.environment()
                .putAll(Map.of(
                        "CUDA_VISIBLE_DEVICES", "",
                        "RANK", String.valueOf(rank),
                        "WORLD_SIZE", "2",
                        "MASTER_ADDR", "localhost",
                        "MASTER_PORT", "1"));
        Path err = folder.resolve("err");
        Process process = builder.redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new CommandLineCalls.Call(process.waitFor(), out, Files.readString(err));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void trainingNeedsGpusForThat(int rank) throws Exception {
        Path run = folder.resolve("run");
        CommandLineCalls.Call call = call(rank, "pretrain --config quickstart --devices 2 --out " + run);
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err())
                .contains("asks for 2 processes, but only GPUs are connected", "start one process with --devices N");
        assertThat(call.out()).isEmpty();
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bench step --config bench-small",
                "bench autotune --config bench-small --attention-only",
                "bench scaling --config bench-small --over model.experts --values 0,4",
                "bench collectives"
            })
    void whatWorksInOneProcessSaysSo(String arguments) throws Exception {
        CommandLineCalls.Call call = call(1, arguments);
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains("asks for 2 processes, but ", "RANK and WORLD_SIZE");
        assertThat(call.out()).isEmpty();
    }
}
