package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLocatorTest {
    @TempDir
    Path runs;

    private Path run(String name, long finishedSecond) throws IOException {
        Path run = Files.createDirectories(runs.resolve(name));
        Path summary = Files.writeString(run.resolve("summary.json"), "{}");
        Files.setLastModifiedTime(summary, FileTime.fromMillis(finishedSecond * 1000));
        return run;
    }

    @Test
    void newestFinishedRunIsChosen() throws IOException {
        run("z-old", 100);
        Path newest = run("a-new", 300);
        run("m-middle", 200);
        Files.createDirectories(runs.resolve("unfinished"));
        assertThat(new RunLocator(runs).newestFinished()).isEqualTo(newest);
    }

    @Test
    void missingRunNamesTheCommandThatMakesOne() throws IOException {
        Files.createDirectories(runs.resolve("unfinished"));
        for (Path place : new Path[] {runs, runs.resolve("absent")}) {
            assertThatThrownBy(() -> new RunLocator(place).newestFinished())
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(place.toString())
                    .hasMessageContaining("moe pretrain --config quickstart");
        }
    }
}
