package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class NativeMemoryTest {
    private static final int ARRAYS = 3000;
    private static final int FLOATS = 16 * 1024; // 64 KiB, which glibc takes from its heap

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    /** The last array lies above all others, so that the allocator cannot shrink its heap by itself. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void freedArraysGoBackToTheSystem() throws IOException {
        assumeThat(Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2"))
                        || Files.exists(Path.of("/lib/ld-linux-aarch64.so.1")))
                .as("glibc")
                .isTrue();
        KernelModule.enter();
        try (NDManager scope = NDManager.newBaseManager()) {
            List<NDArray> arrays = new ArrayList<>();
            for (int i = 0; i < ARRAYS; i++) {
                arrays.add(scope.ones(new Shape(FLOATS), DataType.FLOAT32));
            }
            arrays.subList(0, ARRAYS - 1).forEach(NDArray::close);
            long before = residentBytes();
            assertThat(NativeMemory.trim()).isTrue();
            assertThat(before - residentBytes()).isGreaterThan(ARRAYS * FLOATS * 4L / 2);
            assertThat(arrays.get(ARRAYS - 1).getFloat(FLOATS - 1)).isEqualTo(1);
        }
    }

    @Test
    @DisabledOnOs(OS.LINUX)
    void elsewhereNothingHappens() {
        assertThat(NativeMemory.trim()).isFalse();
    }
}
