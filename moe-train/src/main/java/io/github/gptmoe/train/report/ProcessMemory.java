package io.github.gptmoe.train.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Memory of this process as the operating system counts it, native tensors included, all threads together. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final int MINOR_FAULTS = 7; // counted from the state, the first field after the name
    private static final int MAJOR_FAULTS = 9;

    private ProcessMemory() {}

    /**
     * The resident set now.
     *
     * @return bytes, or -1 where the system does not tell
     */
    public static long residentBytes() {
        return status(STATUS, "VmRSS:");
    }

    /**
     * The largest resident set so far.
     *
     * @return bytes, or -1 where the system does not tell
     */
    public static long peakResidentBytes() {
        return status(STATUS, "VmHWM:");
    }

    /**
     * The largest resident set of another process so far.
     *
     * @param pid its number
     * @return bytes, or -1 where the system does not tell, or not any more
     */
    public static long peakResidentBytes(long pid) {
        return status(Path.of("/proc", Long.toString(pid), "status"), "VmHWM:");
    }

    /**
     * Page faults of a process since it began.
     *
     * @param minor pages that the system gave or mapped without reading a disk: what freshly allocated memory costs
     * @param major pages that had to be read
     */
    public record PageFaults(long minor, long major) {
        /**
         * The faults since an earlier count.
         *
         * @param earlier of the same process
         * @return the differences
         */
        public PageFaults since(PageFaults earlier) {
            return new PageFaults(minor - earlier.minor, major - earlier.major);
        }

        /** Reads a line of Linux's {@code /proc/PID/stat}. The name in it is in brackets and may hold any character. */
        static PageFaults parse(String stat) {
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
            return new PageFaults(Long.parseLong(fields[MINOR_FAULTS]), Long.parseLong(fields[MAJOR_FAULTS]));
        }
    }

    /**
     * The page faults so far.
     *
     * @return their counts, or nothing where the system does not tell
     */
    public static Optional<PageFaults> pageFaults() {
        try {
            return Files.isReadable(STAT) ? Optional.of(PageFaults.parse(Files.readString(STAT))) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static long status(Path file, String field) {
        if (!Files.isReadable(file)) {
            return -1;
        }
        try {
            for (String line : Files.readAllLines(file)) {
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
