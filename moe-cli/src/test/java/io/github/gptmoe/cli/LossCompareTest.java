package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script that the resume checks rely on must be able to fail. */
@DisabledOnOs(OS.WINDOWS)
class LossCompareTest {
    private static final String VALIDATION = "{\"step\":1,\"validationLoss\":4.5}\n";

    @TempDir
    private Path folder;

    private static String step(String loss, String lmLoss, String gradNorm) {
        return "{\"step\":1,\"tokens\":64,\"loss\":" + loss + ",\"lmLoss\":" + lmLoss + ",\"gradNorm\":" + gradNorm
                + "}\n";
    }

    private int compare(String first, String second, String... options) throws IOException, InterruptedException {
        for (String[] run : new String[][] {{"a", first}, {"b", second}}) {
            Path metrics = Files.createDirectories(folder.resolve(run[0])).resolve("metrics.jsonl");
            Files.writeString(metrics, run[1]);
        }
        List<String> command = new ArrayList<>(
                List.of("bash", Path.of("..", "scripts", "loss-compare.sh").toString()));
        command.addAll(List.of(options));
        command.addAll(
                List.of(folder.resolve("a").toString(), folder.resolve("b").toString()));
        Process script = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return script.waitFor();
    }

    @Test
    void equalStepsInAnyFieldOrderAreEqual() throws IOException, InterruptedException {
        String reordered = "{\"gradNorm\": 0.5, \"lmLoss\": 5.1, \"loss\": 5.2, \"step\": 1}\n";
        assertThat(compare(step("5.2", "5.1", "0.5") + VALIDATION, reordered)).isZero();
    }

    @Test
    void everyComparedFieldCounts() throws IOException, InterruptedException {
        String whole = step("5.2", "5.1", "0.5");
        assertThat(compare(whole, step("5.3", "5.1", "0.5"))).isEqualTo(1);
        assertThat(compare(whole, step("5.2", "5.10", "0.5"))).isEqualTo(1);
        assertThat(compare(whole, step("5.2", "5.1", "\"NaN\""))).isEqualTo(1);
        assertThat(compare(whole, whole + whole.replace("\"step\":1", "\"step\":2")))
                .isEqualTo(1);
    }

    @Test
    void runsWithoutStepsAreNotEqual() throws IOException, InterruptedException {
        assertThat(compare("", "")).isEqualTo(2);
        assertThat(compare(VALIDATION, VALIDATION)).isEqualTo(2);
        assertThat(compare("{\"step\":1,\"lmLoss\":5.1}\n", "{\"step\":1,\"lmLoss\":5.1}\n"))
                .isEqualTo(2);
    }

    @Test
    void aToleranceIsOfLossesAlone() throws IOException, InterruptedException {
        String[] tolerance = {"-t", "0.01"};
        String whole = step("5.2", "5.1", "0.5");
        assertThat(compare(whole, whole, tolerance)).isZero();
        assertThat(compare(whole, whole, "-t", "little")).isEqualTo(2);
        assertThat(compare(whole, step("5.209", "5.2", "0.7"), tolerance)).isZero();
        assertThat(compare(step("5.209", "5.2", "0.7"), whole, tolerance)).isZero();
        assertThat(compare(whole, step("5.211", "5.1", "0.5"), tolerance)).isEqualTo(1);
        assertThat(compare(whole, step("\"NaN\"", "5.1", "0.5"), tolerance)).isEqualTo(1);
        assertThat(compare(whole, whole + whole.replace("\"step\":1", "\"step\":2"), tolerance))
                .isEqualTo(1);
    }
}
