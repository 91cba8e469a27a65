package io.github.gptmoe.train.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of the machine, or of the container that this process is confined to. */
public final class SystemMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private SystemMemory() {}

    /**
     * What new arrays can have without pushing anything out: on Linux the kernel's own estimate ({@code MemAvailable}), but
     * no more than a container's limit leaves beside this process; elsewhere the memory that is free.
     *
     * @return bytes, at least 0
     */
    public static long availableBytes() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long kernel = memAvailable(MEMINFO);
        if (kernel < 0) {
            return Math.max(0, system.getFreeMemorySize());
        }
        // The total is the container's where there is one; its free memory would not count the page cache as available.
        long limit = system.getTotalMemorySize() - Math.max(0, ProcessMemory.residentBytes());
        return Math.max(0, Math.min(kernel, limit));
    }

    /** The field of a meminfo file, in bytes; -1 if there is none. */
    static long memAvailable(Path meminfo) {
        try {
            for (String line : Files.readAllLines(meminfo)) {
                if (line.startsWith("MemAvailable:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return -1;
        } catch (IOException | NumberFormatException unreadable) {
            return -1;
        }
    }
}
