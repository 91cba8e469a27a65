package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.train.StepBenchmark;
import io.github.gptmoe.train.report.ReportJson;
import io.github.gptmoe.train.scaling.ScalingPoint;
import io.github.gptmoe.train.scaling.StepMeasurement;
import io.github.gptmoe.train.scaling.StepOutcome;
import io.github.gptmoe.train.scaling.StepOutcome.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Measures by {@code moe bench step --json} in a process of its own, so that no value finds the memory of another. */
final class ChildStep implements StepMeasurement {
    private static final int BY_SIGNAL = 128;
    private static final int KILLED = 9;
    private static final int LONGEST_REASON = 160;

    /** Ours, Java's, and C++'s words for it. */
    private static final Pattern NO_MEMORY = Pattern.compile(
            "Not enough memory|can't allocate memory|Java's own memory is full|OutOfMemoryError|insufficient memory"
                    + "|Cannot allocate memory|bad_alloc|out of memory",
            Pattern.CASE_INSENSITIVE);

    private final ChildMoe moe;
    private final List<String> options;
    private final ChildMoe.Limits limits;

    /**
     * Measures with a program.
     *
     * @param moe the program
     * @param options those of {@code moe bench step} that all points share
     */
    ChildStep(ChildMoe moe, List<String> options) {
        this(moe, options, ChildMoe.Limits.NONE);
    }

    /**
     * Measures with a program.
     *
     * @param moe the program
     * @param options those of {@code moe bench step} that all points share
     * @param limits of each measurement; one that passes them is an outcome
     */
    ChildStep(ChildMoe moe, List<String> options, ChildMoe.Limits limits) {
        this.moe = moe;
        this.limits = limits;
        this.options = List.copyOf(options);
    }

    @Override
    public StepOutcome measure(ScalingPoint point) throws IOException, InterruptedException {
        return measure(point.sets(), List.of());
    }

    /** Measures the configuration with overrides {@code key=value}, and further options. */
    StepOutcome measure(List<String> sets, List<String> further) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("bench", "step"));
        arguments.addAll(options);
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        arguments.addAll(further);
        arguments.add("--json");
        return outcome(moe.call(arguments, limits));
    }

    /** What a call came to. */
    static StepOutcome outcome(ChildMoe.Call call) {
        if (call.cut() == ChildMoe.Cut.TIME) {
            return StepOutcome.failed(Kind.TIMED_OUT, "was ended at the time limit");
        }
        if (call.cut() == ChildMoe.Cut.MEMORY) {
            return StepOutcome.failed(Kind.OUT_OF_MEMORY, "was ended at the memory limit");
        }
        if (call.status() != ExitCode.DONE) {
            return failure(call);
        }
        String json = lastLine(call.out());
        try {
            return StepOutcome.measured(ReportJson.mapper().readValue(json, StepBenchmark.Result.class));
        } catch (JsonProcessingException unreadable) {
            return StepOutcome.failed("its output is no result: " + shortened(json));
        }
    }

    private static StepOutcome failure(ChildMoe.Call call) {
        String memory = call.err()
                .lines()
                .filter(line -> NO_MEMORY.matcher(line).find())
                .findFirst()
                .orElse("");
        if (!memory.isEmpty()) {
            return StepOutcome.failed(Kind.OUT_OF_MEMORY, "out of memory: " + shortened(memory));
        }
        if (call.status() == BY_SIGNAL + KILLED) {
            return StepOutcome.failed(Kind.OUT_OF_MEMORY, "killed by the system, as it does when memory runs out");
        }
        return StepOutcome.failed("exit code " + call.status() + ": " + shortened(lastLine(call.err())));
    }

    private static String shortened(String line) {
        String text = line.strip();
        return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "…";
    }

    private static String lastLine(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .reduce((before, last) -> last)
                .orElse("it said nothing")
                .strip();
    }
}
