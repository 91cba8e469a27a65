package io.github.gptmoe.train;

import java.lang.management.ManagementFactory;

/** How long this Java process has been running. */
final class ProcessAge {
    private ProcessAge() {}

    /** Seconds since the virtual machine started. */
    static double seconds() {
        long now = System.currentTimeMillis(); // before the bean is loaded, which takes a while the first time
        return (now - ManagementFactory.getRuntimeMXBean().getStartTime()) / 1e3;
    }
}
