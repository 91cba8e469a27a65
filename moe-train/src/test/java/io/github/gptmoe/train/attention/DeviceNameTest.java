package io.github.gptmoe.train.attention;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceNameTest {
    @TempDir
    Path proc;

    private String cpu(String cpuinfo) throws IOException {
        Files.writeString(proc.resolve("cpuinfo"), cpuinfo);
        return DeviceName.of(Device.cpu(), proc);
    }

    @Test
    void processorsOfOneNameAreToldApartByTheirNumbers() throws IOException {
        String x86 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\n"
                + "model name\t: AMD EPYC\nstepping\t: 1\ncpu MHz\t: 2400.1\n\nprocessor\t: 1\nmodel\t: 99\n";
        assertThat(cpu(x86)).isEqualTo("AMD EPYC (cpu family 25, model 17, stepping 1)");
        String arm =
                "processor\t: 0\nCPU implementer\t: 0x41\nCPU variant\t: 0x1\nCPU part\t: 0xd40\nCPU revision\t: 1\n";
        assertThat(cpu(arm)).isEqualTo("CPU implementer 0x41, CPU part 0xd40, CPU variant 0x1, CPU revision 1");
        assertThat(cpu("model name : plain\n")).isEqualTo("plain");
    }

    @Test
    void withoutThoseFilesTheArchitectureIsLeft() throws IOException {
        assertThat(DeviceName.of(Device.cpu(), proc)).isNotBlank();
        assertThat(cpu("")).isNotBlank();
        assertThat(DeviceName.of(Device.gpu(), proc)).isEqualTo("GPU");
    }

    @Test
    void gpusHaveTheModelThatTheDriverTells() throws IOException {
        for (String gpu : new String[] {"0000:01:00.0", "0000:02:00.0"}) {
            Path folder =
                    Files.createDirectories(proc.resolve("driver/nvidia/gpus").resolve(gpu));
            Files.writeString(folder.resolve("information"), "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ: 7\n");
        }
        assertThat(DeviceName.of(Device.gpu(), proc)).isEqualTo("NVIDIA H100 80GB HBM3");
    }
}
