package io.github.gptmoe.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    @TempDir
    private Path folder;

    private Metrics read(String... lines) throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(file, String.join("\n", lines));
        return Metrics.read(file);
    }

    private static String step(long step, String loss) {
        return "{\"step\":" + step + ",\"tokens\":" + 10 * step + ",\"lmLoss\":" + loss + "}";
    }

    @Test
    void theLastLineOfAStepCounts() throws IOException {
        Metrics metrics = read(
                step(1, "5"),
                step(2, "4"),
                "{\"step\":2,\"validationLoss\":9}",
                step(3, "3"),
                step(2, "4.5"),
                "{\"step\":2,\"validationLoss\":8}");
        assertThat(metrics.steps()).extracting(TrainingLine::step).containsExactly(1L, 2L, 3L);
        assertThat(metrics.steps()).extracting(TrainingLine::lmLoss).containsExactly(5.0, 4.5, 3.0);
        assertThat(metrics.validations())
                .extracting(ValidationLine::validationLoss)
                .containsExactly(8.0);
    }

    @Test
    void aCutLastLineIsNormalAndDamageElsewhereIsCounted() throws IOException {
        assertThat(read(step(1, "5"), "{\"step\":2,\"tok").unreadableLines()).isZero();
        Metrics damaged =
                read("\0\0", step(1, "5"), "[]", "{\"step\":2}", "{\"step\":1,\"lmLoss\":\"x\"}", "", step(3, "5"));
        assertThat(damaged.unreadableLines()).isEqualTo(5);
        assertThat(damaged.steps()).hasSize(2);
    }

    @Test
    void whatIsNullOrMissingIsNotANumber() throws IOException {
        TrainingLine line = read(step(1, "null")).steps().get(0);
        assertThat(line.lmLoss()).isNaN();
        assertThat(line.gradNorm()).isNaN();
        assertThat(line.dataWaitSeconds()).isNaN();
        assertThat(line.tokens()).isEqualTo(10);
        assertThat(line.skipped()).isFalse();
    }

    @Test
    void bytesThatAreNoTextDoNotEndTheReading() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
        Files.writeString(file, step(1, "5") + "\n", StandardOpenOption.APPEND);
        assertThat(Metrics.read(file).steps()).hasSize(1);
        assertThat(Metrics.read(file).unreadableLines()).isEqualTo(1);
    }

    @Test
    void whatTheLogWritesIsReadBack() {
        Path file = folder.resolve("metrics.jsonl");
        TrainingLine line = new TrainingLine(
                3, 30, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, new TrainingLine.ExpertLoad(11, 0.5), true, 12, 13.0);
        ValidationLine validation = new ValidationLine(3, 1, 2, 3);
        try (MetricsLog log = new MetricsLog(file, 0)) {
            log.write(line);
            log.write(validation);
        }
        assertThat(Metrics.read(file).steps()).containsExactly(line);
        assertThat(Metrics.read(file).validations()).containsExactly(validation);
    }
}
