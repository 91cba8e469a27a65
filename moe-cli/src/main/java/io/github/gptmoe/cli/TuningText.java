package io.github.gptmoe.cli;

import io.github.gptmoe.train.tuning.Trial;
import io.github.gptmoe.train.tuning.TuningRow;
import io.github.gptmoe.train.tuning.TuningTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A search as lines of text, for the terminal and for the head of the configuration that it writes. */
final class TuningText {
    private static final double GIB = 1L << 30;
    private static final double PERCENT = 100;

    private TuningText() {}

    /** The table with its heading, a line each. */
    static List<String> table(TuningTable table) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%7s %11s %12s  %-9s %4s %12s %10s %9s",
                "devices",
                "micro-batch",
                "accumulation",
                "recompute",
                "ZeRO",
                "ms/iteration",
                "tokens/s",
                "peak GiB"));
        table.rows().forEach(row -> lines.add(line(row)));
        return lines;
    }

    private static String line(TuningRow row) {
        boolean timed = Double.isFinite(row.millisecondsPerStep());
        String line = String.format(
                Locale.ROOT,
                "%7d %11d %12d  %-9s %4d %12s %10s %9s",
                row.devices(),
                row.microBatch(),
                row.accumulation(),
                row.recompute(),
                row.zeroStage(),
                timed ? String.format(Locale.ROOT, "%,.1f", row.millisecondsPerStep()) : word(row.status()),
                timed ? String.format(Locale.ROOT, "%,.1f", row.tokensPerSecond()) : "",
                gibibytes(row.peakResidentBytes()));
        String other = row.other().entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
        return (line + (other.isEmpty() ? "" : "  " + other) + remark(row)).stripTrailing();
    }

    private static String gibibytes(@Nullable Long bytes) {
        return bytes == null ? "" : String.format(Locale.ROOT, "%.3f", bytes / GIB);
    }

    private static String remark(TuningRow row) {
        if (row.winner()) {
            return "  <- chosen";
        }
        String reason = row.reason();
        if (reason != null) {
            return "  " + (Double.isFinite(row.millisecondsPerStep()) ? word(row.status()) + ", " : "") + reason;
        }
        return "";
    }

    /** As tables of this kind have it. */
    private static String word(Trial.Status status) {
        return switch (status) {
            case MEASURED -> "measured";
            case OUT_OF_MEMORY, EXPECTED_OUT_OF_MEMORY -> "OOM";
            case TIMED_OUT -> "too long";
            case FAILED -> "failed";
        };
    }

    /** What was done to find the winner, a sentence a line. */
    static List<String> method(TuningTable table, int warmUp, int steps) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s of %d combinations, %,d tokens an iteration, each in a process of its own: %d untimed steps, then the"
                        + " median of %d",
                table.strategy(),
                table.combinations(),
                table.tokensPerStep(),
                warmUp,
                steps));
        boolean finals = table.rows().stream().anyMatch(row -> !row.rounds().isEmpty());
        if (finals) {
            lines.add(String.format(
                    Locale.ROOT,
                    "the best were measured again in turn, %d %s, whose medians decide; times within %.1f %% are equal, then"
                            + " less memory wins",
                    table.rounds(),
                    table.rounds() == 1 ? "round" : "rounds",
                    PERCENT * table.noise()));
        }
        if (table.disturbed()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "rounds of one combination differ by %.0f %% either way: the machine was busy with something else. Search"
                            + " again when it is not, or with more --rounds",
                    PERCENT * table.spread()));
        }
        Double speedup = table.speedup();
        if (speedup != null) {
            lines.add(
                    speedup == 1
                            ? "the configuration has the best switches by itself"
                            : String.format(Locale.ROOT, "%.3f times as fast as the configuration by itself", speedup));
        }
        return lines;
    }

    /** What a constant global batch keeps, and what not. */
    static final List<String> SAME_GRADIENTS = List.of(
            "the global batch is the same, so gradients are the same up to rounding, except that router losses are means",
            "over a micro-batch and an expert's capacity is that of one: train.microBatch is a part of what a run computes,",
            "and cannot change in a run that has begun");
}
