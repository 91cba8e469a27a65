package io.github.gptmoe.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
    @TempDir
    Path temporary;

    @Test
    void keepsASecondTrainerOfTheSameProcessOut() throws IOException {
        Path run = temporary.resolve("new/run");
        try (RunLock lock = RunLock.acquire(run)) {
            for (int attempt = 0; attempt < 3; attempt++) {
                assertThatExceptionOfType(CheckpointException.class)
                        .isThrownBy(() -> RunLock.acquire(run))
                        .withMessageContaining("another trainer works in this folder")
                        .withMessageContaining(
                                "process " + ProcessHandle.current().pid());
            }
            assertThat(lock).isNotNull();
        }
        RunLock.acquire(run).close();
    }

    @Test
    void takesOverFromADeadProcess() throws IOException {
        Files.createFile(temporary.resolve("run.lock"));
        Path owner = temporary.resolve("run.lock.owner");
        for (String left :
                new String[] {"{\"pid\":1,\"host\":\"gone\",\"start\":\"2020-01-01T00:00:00Z\"}", "{\"pi", ""}) {
            Files.writeString(owner, left);
            try (RunLock lock = RunLock.acquire(temporary)) {
                assertThat(lock).isNotNull();
                assertThat(LockOwner.read(owner)).contains(LockOwner.thisProcess());
            }
            assertThat(owner).doesNotExist();
        }
    }

    @Test
    void closingTwiceReleasesOnce() throws IOException {
        RunLock first = RunLock.acquire(temporary);
        first.close();
        try (RunLock second = RunLock.acquire(temporary)) {
            first.close();
            assertThat(second).isNotNull();
            assertThat(temporary.resolve("run.lock.owner")).exists();
        }
    }

    @Test
    void locksFoldersSeparately() throws IOException {
        try (RunLock one = RunLock.acquire(temporary.resolve("a"));
                RunLock two = RunLock.acquire(temporary.resolve("b"))) {
            assertThat(one).isNotEqualTo(two);
        }
    }
}
