package io.github.gptmoe.train;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.CountingBaselines;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.TrainingData;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.rendezvous.World;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a run is compared with. Process 0 measures, and tells the others when it has seen that they have the same data.
 *
 * @param baselines what counting models reach; null where the training tokens were not counted
 * @param gemmGflops matrix-product ceiling of all ranks together, in 1e9 operations a second
 */
record Yardsticks(@Nullable CountingBaselines baselines, double gemmGflops) {
    /**
     * Measures on process 0, and waits for all others. Nothing comes between this and the start of the ranks, as these wait
     * for each other no longer than {@code train.rankTimeoutSeconds}.
     *
     * @param world all processes; all call it
     * @param config of the run
     * @param data as this process has it
     * @return the same in all processes
     * @throws InputException if the data of a process is not that of process 0
     */
    static Yardsticks agreed(World world, RunConfig config, TrainingData data) {
        // Before the others are asked: meanwhile they open or pack the data.
        String measured = world.process() == 0 ? Told.text(measure(world, config, data)) : "";
        String agreed = world.settle(data.fingerprint(), fingerprints -> {
            requireSame(fingerprints);
            return measured;
        });
        return Told.read(agreed, Yardsticks.class);
    }

    private static Yardsticks measure(World world, RunConfig config, TrainingData data) {
        CountingBaselines baselines =
                data.baselines(config.model().vocabulary()).orElse(null);
        return new Yardsticks(
                baselines, Devices.gemmGflops(Precision.named(config.train().precision()), world.worldSize()));
    }

    /** What counting models reach, where the training tokens were counted. */
    Optional<CountingBaselines> counted() {
        return Optional.ofNullable(baselines);
    }

    private static void requireSame(List<String> fingerprints) {
        for (int process = 1; process < fingerprints.size(); process++) {
            if (!fingerprints.get(process).equals(fingerprints.get(0))) {
                throw new InputException(
                        InputException.Kind.CONFIGURATION,
                        "data: its fingerprint is " + fingerprints.get(0) + " in process 0, but "
                                + fingerprints.get(process) + " in process " + process
                                + "; give all the same training data and tokenizer");
            }
        }
    }
}
