package io.github.gptmoe.train.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The process that holds a run lock.
 *
 * @param pid process number
 * @param host name of its machine
 * @param start when the process began, so that a reused number is not taken for it
 */
record LockOwner(long pid, String host, String start) {
    private static final Path LINUX_HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    static LockOwner thisProcess() {
        ProcessHandle process = ProcessHandle.current();
        String start = process.info().startInstant().map(Object::toString).orElse("unknown");
        return new LockOwner(process.pid(), hostName(), start);
    }

    static Optional<LockOwner> read(Path file) {
        try {
            return Optional.of(new JsonMapper().readValue(Files.readString(file), LockOwner.class));
        } catch (IOException absentOrHalfWritten) {
            // It serves messages only; the lock itself decides.
            return Optional.empty();
        }
    }

    String toJson() throws JsonProcessingException {
        return new JsonMapper().writeValueAsString(this) + "\n";
    }

    /** Asks the kernel first: a look-up by name can hang where the network is broken. */
    private static String hostName() {
        try {
            return Files.isReadable(LINUX_HOST_NAME)
                    ? Files.readString(LINUX_HOST_NAME).trim()
                    : InetAddress.getLocalHost().getHostName();
        } catch (IOException error) {
            return "unknown";
        }
    }

    @Override
    public String toString() {
        return "process " + pid + " on " + host + " (started " + start + ")";
    }
}
