package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.train.scaling.StepOutcome;
import io.github.gptmoe.train.scaling.StepOutcome.Kind;
import io.github.gptmoe.train.tuning.Combination;
import io.github.gptmoe.train.tuning.Trial;
import io.github.gptmoe.train.tuning.Trial.Status;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What outcomes of children mean for a search. */
class SwitchTrialsTest {
    private static final String RESULT = "{\"seconds_per_step\":0.5,\"peak_resident_bytes\":4096}";

    private static Combination combination(String devices) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("devices", devices);
        values.put("train.microBatch", "2");
        values.put("train.recompute", "[0, 1]");
        return new Combination(values);
    }

    private static Trial child(String script, String devices, Long memory) throws IOException, InterruptedException {
        ChildMoe moe = new ChildMoe(List.of("bash", "-c", script, "moe"));
        return new SwitchTrials(new ChildStep(moe, List.of("--config", "c")), memory).run(combination(devices));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theChildHasTheSwitchesAndTheRanks() throws IOException, InterruptedException {
        String call = "bench step --config c --set train.microBatch=2 --set train.recompute=[0, 1] ";
        assertThat(child("echo \"$*\" >&2; exit 2", "1", null).reason()).isEqualTo("exit code 2: " + call + "--json");
        assertThat(child("echo \"$*\" >&2; exit 2", "4", null).reason())
                .isEqualTo("exit code 2: " + call + "--devices 4 --json");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aPeakAboveTheLimitDoesNotCount() throws IOException, InterruptedException {
        Trial within = child("echo '" + RESULT + "'", "1", 4096L);
        assertThat(within).isEqualTo(Trial.measured(0.5, 4096L));
        Trial over = child("echo '" + RESULT + "'", "1", 4095L);
        assertThat(over.status()).isEqualTo(Status.OUT_OF_MEMORY);
        assertThat(over.usable()).isFalse();
        assertThat(over.peakBytes()).isEqualTo(4096);
        assertThat(over.reason()).startsWith("over the limit of ");
    }

    @Test
    void everyFailureHasItsStatus() {
        assertThat(SwitchTrials.trial(StepOutcome.failed(Kind.OUT_OF_MEMORY, "killed"), null))
                .isEqualTo(Trial.failed(Status.OUT_OF_MEMORY, "killed"));
        assertThat(SwitchTrials.trial(StepOutcome.failed(Kind.TIMED_OUT, "slow"), null)
                        .status())
                .isEqualTo(Status.TIMED_OUT);
        assertThat(SwitchTrials.trial(StepOutcome.failed("refused"), null).status())
                .isEqualTo(Status.FAILED);
    }
}
