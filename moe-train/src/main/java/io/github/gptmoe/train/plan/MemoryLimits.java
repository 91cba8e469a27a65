package io.github.gptmoe.train.plan;

import java.util.OptionalLong;

/**
 * What memory there is for a run.
 *
 * @param device bytes that a device has for it
 * @param host bytes that the host of a node has for it; empty if that is not known
 * @param devicesPerNode devices that share a host; 0 if all do, whatever their number
 */
public record MemoryLimits(long device, OptionalLong host, int devicesPerNode) {
    /**
     * Limits of devices alone.
     *
     * @param bytes that a device has
     * @return limits without a host
     */
    public static MemoryLimits ofDevice(long bytes) {
        return new MemoryLimits(bytes, OptionalLong.empty(), 0);
    }

    /**
     * What the fullest host has to hold.
     *
     * @param plan of each device
     * @param devices of all nodes together
     * @return bytes of all ranks that share it
     */
    public long hostBytes(MemoryPlan plan, int devices) {
        return plan.host().total() * sharers(devices);
    }

    /**
     * The ranks that share a host.
     *
     * @param devices of all nodes together
     * @return at least 1
     */
    public int sharers(int devices) {
        return devicesPerNode == 0 ? devices : Math.min(devices, devicesPerNode);
    }

    /**
     * Whether a plan fits.
     *
     * @param plan of each device
     * @param devices of all nodes together
     * @return whether both the device and, where it is known, the host hold it
     */
    public boolean fit(MemoryPlan plan, int devices) {
        return plan.total() <= device && hostBytes(plan, devices) <= host.orElse(Long.MAX_VALUE);
    }
}
