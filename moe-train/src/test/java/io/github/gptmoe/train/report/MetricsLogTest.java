package io.github.gptmoe.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void file() {
        file = folder.resolve("metrics.jsonl");
    }

    private static TrainingLine line(long step, double loss) {
        return new TrainingLine(
                step,
                step * 10,
                loss,
                loss,
                1,
                0,
                1e-3,
                2,
                100,
                5,
                0.5,
                1,
                new TrainingLine.ExpertLoad(1.5, 0),
                false,
                0.25,
                step % 2 == 0 ? 1024.0 : null);
    }

    @Test
    void continuingDropsLaterStepsAndALineCutByAKill() throws IOException {
        try (MetricsLog log = new MetricsLog(file, 0)) {
            assertThat(log.lastKept()).isNull();
            for (int step = 1; step <= 5; step++) {
                log.write(line(step, 1.0 / step));
            }
            log.write(new ValidationLine(5, 2, 3, 4));
        }
        Files.writeString(file, Files.readString(file) + "{\"step\":6,\"tok");
        try (MetricsLog log = new MetricsLog(file, 3)) {
            assertThat(log.lastKept()).isEqualTo(line(3, 1.0 / 3));
            log.write(line(4, 0.25));
        }
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(3)).startsWith("{\"step\":4,").contains("\"loss\":0.25,");
    }

    @Test
    void whatIsNotFiniteIsNullInTheFile() throws IOException {
        try (MetricsLog log = new MetricsLog(file, 0)) {
            log.write(line(1, Double.NaN));
            log.write(new ValidationLine(1, Double.POSITIVE_INFINITY, 1, 1));
        }
        assertThat(Files.readString(file))
                .contains("\"loss\":null")
                .contains("\"validationLoss\":null")
                .doesNotContain("NaN")
                .doesNotContain("Infinity");
    }

    @Test
    void forcingNamesTheFileThatTheDiskRefuses() {
        MetricsLog log = new MetricsLog(file, 0);
        log.write(line(1, 1));
        log.force();
        log.close();
        assertThatThrownBy(log::force)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("metrics.jsonl")
                .hasMessageContaining("same call continues");
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() {
        assertThatThrownBy(() -> new MetricsLog(folder.resolve("missing/metrics.jsonl"), 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("missing/metrics.jsonl")
                .hasMessageContaining("same call continues");
    }
}
