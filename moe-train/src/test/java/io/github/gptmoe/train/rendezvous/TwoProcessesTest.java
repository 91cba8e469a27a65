package io.github.gptmoe.train.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real processes on this machine, found by the variables that torchrun sets. */
@Timeout(120)
class TwoProcessesTest {
    private static final int STOP_SECONDS = 10;

    private final List<Child> children = new ArrayList<>();
    private int port;

    private record Child(Process process, BufferedReader output) {
        String line() throws IOException {
            return String.valueOf(output.readLine());
        }

        int status() throws InterruptedException {
            assertThat(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS))
                    .as("the process ends by itself")
                    .isTrue();
            return process.exitValue();
        }
    }

    @BeforeEach
    void findPort() throws IOException {
        port = Ports.free();
    }

    @AfterEach
    void end() {
        children.forEach(child -> child.process().destroyForcibly());
    }

    private Child start(int rank, int worldSize, String behaviour, String config) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(
                java,
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                WorldProcess.class.getName(),
                behaviour,
                config,
                "60");
        builder.environment()
                .putAll(Map.of(
                        "MASTER_ADDR", "localhost",
                        "MASTER_PORT", String.valueOf(port),
                        "RANK", String.valueOf(rank),
                        "WORLD_SIZE", String.valueOf(worldSize),
                        "LOCAL_RANK", "0"));
        Process process = builder.redirectErrorStream(true).start();
        Child child = new Child(
                process, new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
        children.add(child);
        return child;
    }

    @Test
    void theyAgreeAndPart() throws Exception {
        Child one = start(1, 2, "leave", "a");
        Child zero = start(0, 2, "leave", "a");
        assertThat(zero.line()).isEqualTo("joined 0 of 4 under 42");
        assertThat(one.line()).isEqualTo("joined 2 of 4 under 42");
        assertThat(zero.status()).isZero();
        assertThat(one.status()).isZero();
    }

    @Test
    void anotherWorldSizeEndsBoth() throws Exception {
        Child zero = start(0, 2, "leave", "a");
        Child one = start(1, 3, "leave", "a");
        assertThat(zero.line()).contains("refused CONFIGURATION", "WORLD_SIZE=2", "WORLD_SIZE=3");
        assertThat(one.line()).contains("refused CONFIGURATION", "WORLD_SIZE=2", "WORLD_SIZE=3");
        assertThat(zero.status()).isEqualTo(2);
        assertThat(one.status()).isEqualTo(2);
    }

    @Test
    void lateAndKilled() throws Exception {
        Child zero = start(0, 2, "wait", "a");
        Child one = start(1, 2, "wait", "a");
        assertThat(zero.line()).startsWith("joined 0");
        assertThat(one.line()).startsWith("joined 2");
        Child late = start(1, 2, "wait", "a");
        assertThat(late.line()).contains("refused CONFIGURATION", "came late");
        assertThat(late.status()).isEqualTo(2);

        one.process().toHandle().destroyForcibly();
        assertThat(zero.status()).isEqualTo(3);
        assertThat(zero.line()).matches("failed process 1 \\(127.0.0.1:\\d+\\) has gone: .*");
    }

    @Test
    void processZeroKilled() throws Exception {
        Child zero = start(0, 2, "wait", "a");
        Child one = start(1, 2, "wait", "a");
        assertThat(one.line()).startsWith("joined 2");
        zero.process().toHandle().destroyForcibly();
        assertThat(one.status()).isEqualTo(3);
        assertThat(one.line()).startsWith("failed process 0 (localhost:" + port + ") has gone: ");
    }

    @Test
    void twiceTheSameRankThenTheFirstCause() throws Exception {
        Child one = start(1, 3, "wait", "a");
        Child zero = start(0, 3, "wait", "a");
        // Whichever of the two came second is refused; the other goes on.
        Child again = start(1, 3, "wait", "a");
        while (one.process().isAlive() && again.process().isAlive()) {
            Thread.sleep(20);
        }
        Child refused = one.process().isAlive() ? again : one;
        Child stays = refused == one ? again : one;
        assertThat(refused.line()).contains("refused CONFIGURATION RANK=1 is taken: first by 127.0.0.1:");
        Child failing = start(2, 3, "fail", "a");
        assertThat(failing.status()).isEqualTo(3);
        assertThat(zero.status()).isEqualTo(3);
        assertThat(stays.status()).isEqualTo(3);
        String cause = "failed process 2 \\(127.0.0.1:\\d+\\): rank 4 failed: disk full";
        assertThat(zero.line() + "\n" + zero.line()).containsPattern(cause);
        assertThat(stays.line() + "\n" + stays.line()).containsPattern(cause);
    }
}
