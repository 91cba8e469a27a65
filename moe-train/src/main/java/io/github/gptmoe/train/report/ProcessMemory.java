package io.github.gptmoe.train.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process as the operating system counts it, native tensors included. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /**
     * The resident set now.
     *
     * @return bytes, or -1 where the system does not tell
     */
    public static long residentBytes() {
        return status("VmRSS:");
    }

    /**
     * The largest resident set so far.
     *
     * @return bytes, or -1 where the system does not tell
     */
    public static long peakResidentBytes() {
        return status("VmHWM:");
    }

    private static long status(String field) {
        if (!Files.isReadable(STATUS)) {
            return -1;
        }
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(field)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return -1;
        } catch (IOException unreadable) {
            return -1;
        }
    }
}
