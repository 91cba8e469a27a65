package io.github.gptmoe.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.train.report.ProcessMemory.PageFaults;
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
        byte[][] fresh = new byte[64][];
        for (int i = 0; i < fresh.length; i++) {
            fresh[i] = new byte[1 << 20];
        }
        assertThat(ProcessMemory.pageFaults().orElseThrow().minor()).isGreaterThanOrEqualTo(before.minor());
        assertThat(fresh[63][5]).isZero();
    }
}
