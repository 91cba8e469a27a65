package io.github.gptmoe.train.checkpoint;

import static io.github.gptmoe.train.checkpoint.Checkpoints.names;
import static io.github.gptmoe.train.checkpoint.Checkpoints.newest;
import static io.github.gptmoe.train.checkpoint.Checkpoints.save;
import static io.github.gptmoe.train.checkpoint.Checkpoints.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk of 3.5 MiB: room for two checkpoints of 1.3 MB, not for three. */
class CheckpointDiskFullTest {
    @TempDir
    Path temporary;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(temporary.resolve("disk"));
        int exit = -1;
        try {
            exit = run("mount", "-t", "tmpfs", "-o", "size=3500k", "tmpfs", disk.toString());
        } catch (IOException noSuchCommand) {
            // Reported below.
        }
        if (exit != 0) {
            System.out.println("skipped: a small tmpfs cannot be mounted here (needs root on Linux)");
            abort("no tmpfs");
        }
    }

    @AfterEach
    void unmount() throws Exception {
        // Lazily, because tensors that were looked at stay mapped until they are garbage.
        run("umount", "-l", disk.toString());
    }

    @Test
    void failsWithoutHarmAndRecovers() throws Exception {
        Path folder = disk.resolve("checkpoints");
        save(store(folder, Checkpoints.NOT_OBSERVED), 100, 1);
        save(store(folder, Checkpoints.NOT_OBSERVED), 200, 1);

        assertThatExceptionOfType(DiskSpaceException.class)
                .isThrownBy(() -> save(store(folder), 300, 1))
                .satisfies(error -> assertThat(error.freeBytes()).isBetween(1L, 2_000_000L));
        for (int i = 0; i < 20; i++) {
            // The check before the save is blind here, as it is for quotas: the disk fills up in mid-write.
            assertThatExceptionOfType(CheckpointException.class)
                    .isThrownBy(() -> save(store(folder, Checkpoints.NOT_OBSERVED), 300, 1))
                    .withMessageContaining("No space left on device")
                    .satisfies(error -> assertThat(error.kind()).isEqualTo(CheckpointException.Kind.SAVE_FAILED));
            assertThat(names(folder)).containsExactly("step-00000100", "step-00000200");
            Checkpoints.assertIntact(newest(folder));
        }

        assertThat(run("mount", "-o", "remount,size=16m", disk.toString())).isZero();
        save(store(folder), 300, 1);
        assertThat(names(folder)).containsExactly("step-00000200", "step-00000300");
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(20, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }
}
