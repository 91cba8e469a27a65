package io.github.gptmoe.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, really killed. */
class CheckpointKillTest {
    private static final int KILLS = 6;

    @TempDir
    Path run;

    @Test
    @Timeout(120)
    void survivesKillNine() throws Exception {
        Random random = new Random(9);
        Path folder = run.resolve("checkpoints");
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = start(run);
            long reported = 0;
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(output.readLine()).isEqualTo("locked");
                for (int lines = 1 + random.nextInt(3); lines > 0; lines--) {
                    reported = saved(output.readLine());
                }
                long pid = process.pid();
                assertThatExceptionOfType(CheckpointException.class)
                        .isThrownBy(() -> RunLock.acquire(run))
                        .withMessageContaining("process " + pid + " on ")
                        .withMessageContaining("choose another --out")
                        .satisfies(error -> assertThat(error.kind()).isEqualTo(CheckpointException.Kind.LOCKED));
                Thread.sleep(random.nextInt(60));
                // Through the handle, because Process.destroyForcibly would also close the output still to be read.
                assertThat(process.toHandle().destroyForcibly()).isTrue();
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    reported = saved(line);
                }
            } finally {
                // Also when an assertion failed: it would save for ever.
                process.destroyForcibly();
            }
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();

            Checkpoint found = Checkpoints.newest(folder);
            Checkpoints.assertIntact(found);
            assertThat(found.manifest().state().step()).isBetween(reported, reported + 1);
        }
        try (RunLock stale = RunLock.acquire(run)) {
            assertThat(stale).isNotNull();
            CheckpointStore store = Checkpoints.store(folder);
            Checkpoints.save(store, 1_000, 1);
            Checkpoints.save(store, 1_001, 1);
            assertThat(Checkpoints.names(folder)).containsExactly("step-00001000", "step-00001001");
        }
    }

    private static long saved(String line) {
        assertThat(line).startsWith("saved ");
        return Long.parseLong(line.substring("saved ".length()));
    }

    private static Process start(Path run) throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        SaveLoop.class.getName(),
                        run.toString())
                .redirectError(Files.createTempFile(run, "stderr", ".txt").toFile())
                .start();
    }
}
