package io.github.gptmoe.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemMemoryTest {
    @TempDir
    Path folder;

    @Test
    void theKernelsEstimateIsReadInBytes() throws IOException {
        Path meminfo = folder.resolve("meminfo");
        assertThat(SystemMemory.memAvailable(meminfo)).isEqualTo(-1);
        Files.writeString(meminfo, "MemTotal:  200 kB\nMemFree:  10 kB\nMemAvailable:     123 kB\nBuffers: 7 kB\n");
        assertThat(SystemMemory.memAvailable(meminfo)).isEqualTo(123 * 1024);
        Files.writeString(meminfo, "MemTotal:  200 kB\nMemAvailable: unknown\n");
        assertThat(SystemMemory.memAvailable(meminfo)).isEqualTo(-1);
    }

    @Test
    void thisMachineHasSome() {
        assertThat(SystemMemory.availableBytes()).isPositive();
    }
}
