package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.report.ProcessMemory;
import io.github.gptmoe.train.tuning.Effort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What {@code moe bench autotune} tries, and how hard. */
final class SwitchOptions {

    @Option(
            names = "--devices",
            split = ",",
            paramLabel = "N",
            defaultValue = "1",
            description = "Ranks of the run, or several numbers to try; default 1. From 2 on, ZeRO stages are tried.")
    private List<Integer> devices = List.of(1);

    @Option(
            names = "--try",
            paramLabel = "KEY=V1,V2",
            description = {
                "Values of one switch instead of those it has by itself, or a further switch, for example",
                "train.microBatch=4,8 or train.headChunk=256,512; repeatable."
            })
    private List<String> tried = new ArrayList<>();

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = {
                "What a run's resident memory may be at most, for example 4GiB; a combination above it is ended and",
                "counts as out of memory. Default: what the machine has."
            })
    private @Nullable ByteSize memory;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "Longest time of one measurement, its start included; default 600.")
    private int timeoutSeconds;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "3",
            description = "Timed steps of each measurement; default 3.")
    private int steps;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "3",
            description = "Untimed steps before them; default 3.")
    private int warmUp;

    @Option(
            names = "--trials",
            paramLabel = "N",
            defaultValue = "24",
            description = "Combinations to measure at most; default 24. All of them if there are no more.")
    private int trials;

    @Option(
            names = "--finalists",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many of the best are measured again, at most; default 3.")
    private int finalists;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "3", description = "How often; default 3.")
    private int rounds;

    /** Before minutes of measuring, not after them. */
    void requireSense(Function<String, ParameterException> mistake) {
        Map<String, Integer> atLeastOne = new LinkedHashMap<>();
        devices.forEach(count -> atLeastOne.merge("--devices", count, Math::min));
        atLeastOne.put("--timeout", timeoutSeconds);
        atLeastOne.put("--steps", steps);
        atLeastOne.put("--trials", trials);
        atLeastOne.put("--finalists", finalists);
        atLeastOne.put("--rounds", rounds);
        atLeastOne.forEach((option, value) -> {
            if (value < 1) {
                throw mistake.apply(option + " must be at least 1");
            }
        });
        if (warmUp < 0) {
            throw mistake.apply("--warm-up must be at least 0");
        }
        if (memory != null && ProcessMemory.residentBytes() < 0) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "--memory needs a system that tells what a process has (Linux's /proc); leave it out here");
        }
        tried.forEach(option -> {
            int equals = option.indexOf('=');
            if (equals < 1 || equals == option.length() - 1) {
                throw mistake.apply("--try " + option + ": write KEY=V1,V2, for example train.microBatch=4,8");
            }
        });
    }

    List<Integer> devices() {
        return devices.stream().distinct().toList();
    }

    Map<String, List<String>> tried() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String option : tried) {
            int equals = option.indexOf('=');
            values.computeIfAbsent(option.substring(0, equals).strip(), key -> new ArrayList<>())
                    .addAll(Arrays.stream(option.substring(equals + 1).split(",", -1))
                            .map(String::strip)
                            .toList());
        }
        return values;
    }

    Effort effort() {
        return new Effort(trials, finalists, rounds);
    }

    int steps() {
        return steps;
    }

    int warmUp() {
        return warmUp;
    }

    @Nullable
    Long memoryBytes() {
        return memory == null ? null : memory.bytes();
    }

    ChildMoe.Limits limits() {
        return new ChildMoe.Limits(Duration.ofSeconds(timeoutSeconds), memoryBytes());
    }

    /** Options of {@code moe bench step}. */
    List<String> stepOptions() {
        return List.of("--steps", Integer.toString(steps), "--warm-up", Integer.toString(warmUp));
    }
}
