package io.github.gptmoe.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.train.report.ProcessMemory.PageFaults;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProcessMemoryTest {
    @Test
    void faultsAreReadBehindAnyName() {
        String rest = " S 1 2 3 0 -1 4194560 1234 99 56 7 10 20 0 0 20 0\n";
        assertThat(PageFaults.parse("42 (java)" + rest)).isEqualTo(new PageFaults(1234, 56));
        assertThat(PageFaults.parse("42 (a (b) c 1 2)" + rest)).isEqualTo(new PageFaults(1234, 56));
    }

    @Test
    void differencesAreTakenOfBothKinds() {
        assertThat(new PageFaults(10, 5).since(new PageFaults(7, 1))).isEqualTo(new PageFaults(3, 4));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void linuxTellsEverything() {
        long resident = ProcessMemory.residentBytes();
        assertThat(resident).isPositive();
        assertThat(ProcessMemory.peakResidentBytes()).isGreaterThan(resident / 2);
        PageFaults before = ProcessMemory.pageFaults().orElseThrow();
        // Outside the heap, whose pages may all have been used before; Java fills it with zeros.
        ByteBuffer fresh = ByteBuffer.allocateDirect(64 << 20);
        PageFaults since = ProcessMemory.pageFaults().orElseThrow().since(before);
        // Even where the system gives pages of 2 MiB instead of 4 KiB, 31 whole ones lie within.
        // Sizes in bytes, which stand among the same fields, would grow by more than a million.
        assertThat(since.minor()).isBetween(31L, 1_000_000L);
        assertThat(fresh.get(63 << 20)).isZero();
    }
}
