package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script that compares with another program, between a made-up moe and a made-up peer. */
@EnabledOnOs(OS.LINUX)
class ComparePeerTest {
    private static final String OURS = "echo '{\"tokens_per_second\":200.0,\"gemm_peak_gflops\":90.0,\"mfu\":0.5%s}'\n";
    private static final String THEIRS = "echo '{\"tokens_per_second\": 160.0, \"gemm_peak_gflops\": 95.0}'\n";

    @TempDir
    private Path folder;

    @BeforeEach
    void copyScript() throws IOException {
        Path script = Path.of("..", "scripts", "compare-peer.sh");
        Files.copy(script, Files.createDirectories(folder.resolve("scripts")).resolve("compare-peer.sh"));
    }

    private void program(String name, String body) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/usr/bin/env bash\n" + body);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Call compare(String ours, String theirs) throws IOException, InterruptedException {
        program("moe", ours);
        program("peer", theirs);
        List<String> call = Arrays.asList(
                "bash",
                "scripts/compare-peer.sh",
                "-n",
                "2",
                "bench-small",
                folder.resolve("peer") + " --precision bf16");
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        int status = new ProcessBuilder(call)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Call(
                status, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void speedAndPeakMemoryOfBothAreCompared() throws IOException, InterruptedException {
        // The child, which outlives several looks, holds 40 MB; the colon keeps it from turning into its last command.
        String child = "bash -c 'big=$(head -c 40000000 /dev/zero | tr \"\\0\" x); sleep 2; :'\n";
        Call call = compare(OURS.formatted(",\"peak_resident_bytes\":2147483648"), child + THEIRS);
        assertThat(call.status()).as(call.err()).isZero();
        assertThat(call.out())
                .containsPattern("\n1 +200.0 +160.0 +1.250 +90.0 +95.0\n2 ")
                .contains("medians: ours 200.0, peer 160.0 tok/s, quotient 1.250,", "our MFU 0.500\n");
        String line = call.out().lines().reduce("", (before, last) -> last);
        assertThat(line).matches("peak resident memory, medians: ours 2.000 GiB, peer \\S+ GiB, quotient \\S+");
        double peer = Double.parseDouble(line.replaceAll(".*peer (\\S+) GiB.*", "$1"));
        assertThat(peer).isBetween(40e6 / (1 << 30), 1.0);
    }

    @Test
    void withoutMemoryFiguresTheRestIsCompared() throws IOException, InterruptedException {
        Call call = compare(OURS.formatted(""), THEIRS);
        assertThat(call.status()).as(call.err()).isZero();
        assertThat(call.out()).contains("medians: ours 200.0").endsWith("not told on this system\n");
    }

    @Test
    void aPeerThatFailsEndsTheComparisonWithItsWords() throws IOException, InterruptedException {
        Call call = compare(OURS.formatted(""), "echo no such option >&2\nexit 1\n");
        assertThat(call.status()).isEqualTo(3);
        assertThat(call.err()).contains("no such option");
        assertThat(compare("exit 2\n", THEIRS).status()).isEqualTo(3);
    }
}
