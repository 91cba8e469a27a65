package io.github.gptmoe.cli;

import io.github.gptmoe.train.scaling.StepOutcome;
import io.github.gptmoe.train.tuning.Combination;
import io.github.gptmoe.train.tuning.Trial;
import io.github.gptmoe.train.tuning.TrialRunner;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Measures combinations of switches by {@code moe bench step} in processes of their own. */
final class SwitchTrials implements TrialRunner {
    private static final double GIB = 1L << 30;

    private final ChildStep step;
    private final @Nullable Long memoryBytes;

    /**
     * Measures.
     *
     * @param step with the options that all combinations share
     * @param memoryBytes what the resident set may be at most; null: all there is
     */
    SwitchTrials(ChildStep step, @Nullable Long memoryBytes) {
        this.step = step;
        this.memoryBytes = memoryBytes;
    }

    @Override
    public Trial run(Combination combination) throws IOException, InterruptedException {
        int devices = combination.devices();
        return trial(
                step.measure(
                        combination.sets(), devices == 1 ? List.of() : List.of("--devices", Integer.toString(devices))),
                memoryBytes);
    }

    /** What an outcome means for a search. */
    static Trial trial(StepOutcome outcome, @Nullable Long memoryBytes) {
        var result = outcome.result();
        if (result == null) {
            return Trial.failed(
                    switch (outcome.kind()) {
                        case OUT_OF_MEMORY -> Trial.Status.OUT_OF_MEMORY;
                        case TIMED_OUT -> Trial.Status.TIMED_OUT;
                        case FAILED, MEASURED -> Trial.Status.FAILED;
                    },
                    Objects.requireNonNullElse(outcome.failure(), "no result"));
        }
        Long peak = result.peakResidentBytes();
        if (memoryBytes != null && peak != null && peak > memoryBytes) {
            return Trial.overLimit(
                    result.secondsPerStep(),
                    peak,
                    String.format(Locale.ROOT, "over the limit of %.3f GiB", memoryBytes / GIB));
        }
        return Trial.measured(result.secondsPerStep(), peak);
    }
}
