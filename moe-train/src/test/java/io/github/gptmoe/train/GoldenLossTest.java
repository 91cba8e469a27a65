package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A small run of each router against losses on file, so that a change of the mathematics is never unnoticed. The system
 * property {@code golden.write=true} writes the files from this run instead. Two runs on one machine agree bit for bit;
 * another processor sums in another order, hence the tolerance against the files.
 */
class GoldenLossTest {
    private static final int STEPS = 20;
    private static final double PERCENT_OF_ROUNDING = 0.01;
    private static final String HOW_TO_WRITE =
            "if the change of losses is meant, write the files with ./mvnw -pl moe-train"
                    + " -am test -Dtest=GoldenLossTest -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.write=true";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"top1", "large-margin"})
    void lossesAreThoseOnFile(String router) throws IOException {
        RunConfig config = TinyRun.config("train.steps=" + STEPS, "model.router.type=" + router);
        List<Double> losses = TinyRun.train(config, folder.resolve("first")).losses();
        assertThat(losses).hasSize(STEPS);
        assertThat(TinyRun.train(config, folder.resolve("second")).losses())
                .as("a second run in this process")
                .isEqualTo(losses);
        Path file = TinyRun.RESOURCES.resolve(router + ".txt");
        if (Boolean.getBoolean("golden.write")) {
            Files.write(file, losses.stream().map(String::valueOf).toList());
        }
        assertThat(file).as(HOW_TO_WRITE).exists();
        List<String> golden = Files.readAllLines(file);
        assertThat(golden).as("lines of %s; %s", file, HOW_TO_WRITE).hasSize(STEPS);
        for (int i = 0; i < STEPS; i++) {
            assertThat(losses.get(i))
                    .as("loss of step %d of %s; %s", i + 1, router, HOW_TO_WRITE)
                    .isCloseTo(Double.parseDouble(golden.get(i)), withinPercentage(PERCENT_OF_ROUNDING));
        }
    }
}
