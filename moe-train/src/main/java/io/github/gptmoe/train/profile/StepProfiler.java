package io.github.gptmoe.train.profile;

import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.KernelObserver;
import io.github.gptmoe.train.config.RunConfig;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Collects kernel times of the thread that trains, from its creation until it is closed. On a CPU a kernel has done its work
 * when the call returns; on a GPU the times would be those of launches, so there it must not be used.
 */
public final class StepProfiler implements KernelObserver, AutoCloseable {
    private static final double MILLI = 1e-3;

    private final StepWork work;
    private final Map<Section, Long> nanos = new EnumMap<>(Section.class);
    private final Map<Section, Long> calls = new EnumMap<>(Section.class);

    /**
     * Starts to collect.
     *
     * @param config whose steps will run
     */
    public StepProfiler(RunConfig config) {
        work = new StepWork(config);
        KernelModule.observe(this);
    }

    @Override
    public void called(String kernel, long took) {
        Section.of(kernel).ifPresent(section -> {
            nanos.merge(section, took, Long::sum);
            calls.merge(section, 1L, Long::sum);
        });
    }

    /** Stops to collect; what was collected stays. */
    @Override
    public void close() {
        KernelModule.observe(null);
    }

    /**
     * Sums up.
     *
     * @param steps profiled steps
     * @param secondsPerStep their mean duration
     * @param gemmGflops matrix-product ceiling, 1e9 operations a second
     * @param memoryGigabytes memory ceiling, 1e9 bytes a second
     * @return the table
     */
    public StepProfile profile(int steps, double secondsPerStep, double gemmGflops, double memoryGigabytes) {
        List<StepProfile.Row> rows = new ArrayList<>();
        double rest = secondsPerStep;
        for (Map.Entry<Section, Long> entry : nanos.entrySet()) {
            Section section = entry.getKey();
            double seconds = entry.getValue() / 1e9 / steps;
            rest -= seconds;
            Work least = work.of(section);
            rows.add(new StepProfile.Row(
                    section.label(),
                    (double) calls.getOrDefault(section, 0L) / steps,
                    seconds / MILLI,
                    seconds / secondsPerStep,
                    least.flops() / 1e9,
                    least.bytes() / 1e6,
                    least.boundByArithmetic(gemmGflops * 1e9, memoryGigabytes * 1e9) ? "arithmetic" : "memory",
                    least.seconds(gemmGflops * 1e9, memoryGigabytes * 1e9) / MILLI));
        }
        rows.add(new StepProfile.Row("rest", 0, rest / MILLI, rest / secondsPerStep, 0, 0, "", 0));
        return new StepProfile(rows, secondsPerStep, gemmGflops, memoryGigabytes);
    }
}
