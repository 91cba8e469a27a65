package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.gptmoe.train.attention.AttentionTable;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.scaling.ScalingPoint;
import io.github.gptmoe.train.scaling.StepOutcome;
import io.github.gptmoe.train.scaling.StepOutcome.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Children that are not moe: each ends in another way. */
class ChildStepTest {
    private static final String RESULT = "{\"params\":10,\"tokens_per_step\":64,\"seconds_per_step\":0.5,"
            + "\"tokens_per_second\":128.0,\"gflops\":5.0,\"gemm_peak_gflops\":10.0,\"mfu\":0.5,\"loss\":null,"
            + "\"precision\":\"fp32\",\"state_bytes\":160,\"peak_resident_bytes\":4096,\"of_a_later_version\":1}\n";

    private static ScalingPoint point() {
        return ScalingPoint.all(sets -> ConfigLoader.load("bench-small", sets), "model.hidden", List.of("256"))
                .get(0);
    }

    private static StepOutcome child(String script) throws IOException, InterruptedException {
        return new ChildStep(new ChildMoe(List.of("bash", "-c", script, "moe")), List.of("--config", "bench-small"))
                .measure(point());
    }

    @Test
    void theResultIsTheLastLine() {
        StepOutcome outcome =
                ChildStep.outcome(new ChildMoe.Call(0, "a library's greeting\n" + RESULT, "step 0.5 s\n"));
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.result()).isNotNull().satisfies(result -> {
            assertThat(result.secondsPerStep()).isEqualTo(0.5);
            assertThat(result.loss()).isNaN();
            assertThat(result.peakResidentBytes()).isEqualTo(4096);
            assertThat(result.activationBytesPerToken()).isNull();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "137, '', killed by the system",
        "3, 'step 1\nNot enough memory for the tensors: lower it\n', out of memory: Not enough memory for the tensors",
        "3, 'Java''s own memory is full (heap); start\n', out of memory: Java's own memory is full",
        "1, '# There is insufficient memory for the Java Runtime Environment to continue.\n# log\n', out of memory: #",
        "134, 'terminate called after throwing std::bad_alloc\n', out of memory: terminate",
        "1, 'This is a defect\nboom\n\n', exit code 1: boom",
        "4, '', exit code 4: it said nothing",
        "0, '', its output is no result: it said nothing",
    })
    void everyOtherEndIsARowAndSaysWhy(int status, String err, String reason) {
        StepOutcome outcome = ChildStep.outcome(new ChildMoe.Call(status, "", err));
        assertThat(outcome.result()).isNull();
        boolean memory = reason.startsWith("out of memory") || reason.startsWith("killed");
        assertThat(outcome.kind()).isEqualTo(memory ? Kind.OUT_OF_MEMORY : Kind.FAILED);
        assertThat(outcome.failure()).startsWith(reason).hasSizeLessThan(200);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatTakesTooLongIsEnded() throws IOException, InterruptedException {
        StepOutcome outcome = limited("exec sleep 600", new ChildMoe.Limits(Duration.ofMillis(200), null));
        assertThat(outcome.kind()).isEqualTo(Kind.TIMED_OUT);
        assertThat(outcome.failure()).isEqualTo("was ended at the time limit");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatTakesTooMuchMemoryIsEnded() throws IOException, InterruptedException {
        // 64 MiB in a variable, then for ever: it is the limit that ends it.
        String script = "x=$(head -c 67108864 /dev/zero | tr '\\0' x); while :; do :; done";
        StepOutcome outcome = limited(script, new ChildMoe.Limits(Duration.ofMinutes(2), 32L << 20));
        assertThat(outcome.kind()).isEqualTo(Kind.OUT_OF_MEMORY);
        assertThat(outcome.failure()).isEqualTo("was ended at the memory limit");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void withinItsLimitsItIsMeasured() throws IOException, InterruptedException {
        StepOutcome outcome =
                limited("echo '" + RESULT.strip() + "'", new ChildMoe.Limits(Duration.ofMinutes(2), 1L << 40));
        assertThat(outcome.kind()).isEqualTo(Kind.MEASURED);
    }

    private static StepOutcome limited(String script, ChildMoe.Limits limits) throws IOException, InterruptedException {
        return new ChildStep(new ChildMoe(List.of("bash", "-c", script, "moe")), List.of(), limits).measure(point());
    }

    @Test
    void longReasonsAreCut() {
        assertThat(ChildStep.outcome(new ChildMoe.Call(1, "", "x".repeat(5000))).failure())
                .startsWith("exit code 1: xxx")
                .endsWith("x…")
                .hasSizeLessThan(200);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theChildIsCalledWithTheConfigurationOfThePoint() throws IOException, InterruptedException {
        StepOutcome outcome = child("echo \"$*\" >&2; exit 2");
        assertThat(outcome.failure())
                .isEqualTo(
                        "exit code 2: bench step --config bench-small --set model.hidden=256 --set model.heads=4 --json");
    }

    /** In a process that has a table, which the tests themselves have not. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void childrenDoNotLookAtTheTableOfAttention() throws IOException, InterruptedException {
        ProcessBuilder parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Parent.class.getName())
                .redirectErrorStream(true);
        parent.environment().put(AttentionTable.VARIABLE, "a table");
        Process process = parent.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("own a table", "exit code 2: child off");
    }

    /** Prints its own table and its child's. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            System.out.println("own " + System.getenv(AttentionTable.VARIABLE));
            System.out.println(child("echo child $" + AttentionTable.VARIABLE + " >&2; exit 2")
                    .failure());
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrlCThatReachesTheChildFirstStopsToo() throws IOException {
        assumeFalse(
                ignoresCtrlC(),
                "SIGINT is ignored by this process (nohup, or a job in the background), so by its children");
        assertThatThrownBy(() -> child("kill -INT $$")).isInstanceOf(StoppedException.class);
    }

    private static boolean ignoresCtrlC() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        String ignored = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring("SigIgn:".length()).strip())
                .findFirst()
                .orElse("0");
        int interrupt = 2; // signal n is bit n - 1
        return (Long.parseUnsignedLong(ignored, 16) & 1L << interrupt - 1) != 0;
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whoIsToldToStopStartsNothingMore() {
        ChildMoe moe = new ChildMoe(List.of("bash", "-c", "exit 0", "moe"));
        moe.stop();
        assertThatThrownBy(() -> moe.call(List.of())).isInstanceOf(StoppedException.class);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aKilledChildIsAnOutcome() throws IOException, InterruptedException {
        assertThat(child("kill -9 $$").failure()).startsWith("killed by the system");
        assertThat(child("cat; echo '" + RESULT.strip() + "'").result())
                .as("nothing waits on standard input")
                .isNotNull();
    }
}
