package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.plan.MemoryLimits;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What memory there is for a plan. */
final class PlanMemoryOptions {
    /** Context, libraries and split free memory on a GPU; not measured. */
    private static final long GPU_RESERVE = 2L << 30;

    /** Java's heap and code, libraries, the system and its cache; not measured. */
    private static final long HOST_RESERVE = 4L << 30;

    @Option(
            names = "--device-memory",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = "Memory of one device, such as 80GiB: says whether it fits, and what makes it fit.")
    private @Nullable ByteSize memory;

    @Option(
            names = "--reserve",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = {
                "Part of --device-memory to leave free for the driver, libraries and memory that is split too much to be",
                "used; default 2GiB for gpu, 0 for cpu."
            })
    private @Nullable ByteSize reserve;

    @Option(
            names = "--host-memory",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = {
                "Memory of one node's host, such as 128GiB, for what train.offloadOptimizer=cpu keeps there: says whether it",
                "fits, and lets that be one of the switches. For GPUs, with --device-memory."
            })
    private @Nullable ByteSize hostMemory;

    @Option(
            names = "--host-reserve",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = "Part of --host-memory to leave free for Java, the system and its cache; default 4GiB.")
    private @Nullable ByteSize hostReserve;

    @Option(
            names = "--devices-per-node",
            paramLabel = "N",
            description = "Devices that share a host; default all of --devices. With --host-memory.")
    private @Nullable Integer devicesPerNode;

    /**
     * Reads the options.
     *
     * @param gpu whether devices are GPUs
     * @param devices that are planned for: they share a host, unless an option says otherwise
     * @return null if no memory is given
     * @throws InputException if they make no sense, with the remedy
     */
    @Nullable
    MemoryLimits limits(boolean gpu, int devices) {
        require(reserve == null || memory != null, "--reserve is a part of --device-memory, which is missing");
        require(
                hostMemory == null || memory != null,
                "--host-memory is for what a device cannot hold; give --device-memory too");
        require(
                hostMemory == null || gpu,
                "--host-memory is beside that of GPUs; on a CPU all is in --device-memory, leave it out");
        require(
                hostReserve == null || hostMemory != null,
                "--host-reserve is a part of --host-memory, which is missing");
        require(
                devicesPerNode == null || hostMemory != null,
                "--devices-per-node says how many share --host-memory, which is missing");
        require(
                devicesPerNode == null || devicesPerNode > 0,
                "--devices-per-node " + devicesPerNode + ": at least one is needed");
        if (memory == null) {
            return null;
        }
        return new MemoryLimits(
                rest("--device-memory", memory.bytes(), "--reserve", reserved(gpu)),
                hostMemory == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(rest("--host-memory", hostMemory.bytes(), "--host-reserve", hostReserved())),
                devicesPerNode == null ? devices : devicesPerNode);
    }

    /** Bytes of a device that are left free. */
    long reserved(boolean gpu) {
        return reserve != null ? reserve.bytes() : gpu ? GPU_RESERVE : 0;
    }

    /** Bytes of a host that are left free. */
    long hostReserved() {
        return hostReserve != null ? hostReserve.bytes() : HOST_RESERVE;
    }

    private static long rest(String option, long bytes, String reserveOption, long reserved) {
        require(
                reserved < bytes,
                reserveOption + " " + ByteSize.text(reserved) + " leaves nothing of " + option + " "
                        + ByteSize.text(bytes) + "; give a smaller " + reserveOption + " or a larger " + option);
        return bytes - reserved;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new InputException(InputException.Kind.CONFIGURATION, otherwise);
        }
    }
}
