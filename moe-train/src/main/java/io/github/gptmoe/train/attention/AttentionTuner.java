package io.github.gptmoe.train.attention;

import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the form of attention that is fastest, forward and backward together, on this machine in a run's precision and
 * shape. The form of the fixed rule stays unless another saves 3 % of its time: less than that is noise, and runs that compute
 * the same bits here and elsewhere are worth more. Ties go to the first in the list of names.
 *
 * <p>A form must also fit: what it keeps for backward in all blocks that are not recomputed may take half of the memory that
 * is available after FP32 weights, gradients and two moments. Forms that would keep more are neither measured nor taken,
 * whatever a table says about them.
 */
public final class AttentionTuner implements AttentionResolver {
    /** FP32 master, gradient and two moments. */
    private static final int BYTES_A_PARAMETER = 16;

    private static final int SHARE_OF_MEMORY = 2;

    /** Share of the fixed rule's time that another form may take at most to replace it. */
    private static final double WORTHWHILE = 0.97;

    private final AttentionMachine machine;
    private final @Nullable AttentionTable table;
    private final AttentionMeasure measure;

    AttentionTuner(AttentionMachine machine, @Nullable AttentionTable table, AttentionMeasure measure) {
        this.machine = machine;
        this.table = table;
        this.measure = measure;
    }

    /**
     * A tuner for this machine, as it is now.
     *
     * @param table where timings are kept, or null to keep none
     * @param told hears of forms that cannot be run
     * @return a tuner that measures
     */
    public static AttentionTuner here(@Nullable AttentionTable table, Consumer<String> told) {
        AttentionMachine machine = AttentionMachine.here();
        return new AttentionTuner(machine, table, new AttentionTimer(machine.device(), System::nanoTime, told));
    }

    /**
     * The resolver of a user's commands: it measures what the user's table lacks, or follows the fixed rule where the user
     * has switched the table off.
     *
     * @param told hears of everything that goes wrong with the table
     * @return a resolver that looks at the machine when it is first asked
     */
    public static AttentionResolver ofUser(Consumer<String> told) {
        return run ->
                userTable(told).map(table -> here(table, told).choose(run)).orElseGet(() -> off(run));
    }

    /**
     * As {@link #ofUser}, but never measures: a case that is not in the table gets the form of the fixed rule.
     *
     * @param told hears of a table that cannot be read
     * @return a resolver that answers at once
     */
    public static AttentionResolver ofUserWithoutMeasuring(Consumer<String> told) {
        return run -> userTable(told)
                .map(table -> new AttentionTuner(AttentionMachine.here(), table, (of, forms) -> AttentionTimings.NONE)
                        .known(run))
                .orElseGet(() -> off(run));
    }

    private static AttentionChoice off(RunConfig run) {
        AttentionChoice rule = AttentionResolver.fixedRule().choose(run);
        return new AttentionChoice(
                rule.form(), rule.reason() + "; " + AttentionTable.VARIABLE + " is " + AttentionTable.OFF);
    }

    /**
     * The table that the environment of this process names.
     *
     * @param told hears of a table that cannot be read or written
     * @return empty where it is switched off
     */
    public static Optional<AttentionTable> userTable(Consumer<String> told) {
        return AttentionTable.ofUser(System.getenv(), Path.of(System.getProperty("user.home")), told);
    }

    @Override
    public AttentionChoice choose(RunConfig run) {
        List<NamedAttention> fitting = fitting(run, new LinkedHashMap<>());
        if (fitting.size() == 1) {
            return new AttentionChoice(fitting.get(0), "the one form that runs or fits here");
        }
        return choice(tune(run, false));
    }

    /** What the table knows, else the fixed rule. */
    AttentionChoice known(RunConfig run) {
        List<NamedAttention> fitting = fitting(run, new LinkedHashMap<>());
        if (fitting.size() == 1 || kept(caseOf(run), fitting).decides(fitting)) {
            return choose(run);
        }
        AttentionChoice rule = AttentionResolver.fixedRule().choose(run);
        return new AttentionChoice(rule.form(), rule.reason() + "; moe bench autotune measures");
    }

    private static AttentionChoice choice(AttentionTuning tuning) {
        StringBuilder reason = new StringBuilder(tuning.origin());
        for (AttentionTiming timing : tuning.timings()) {
            if (timing.form().equals(tuning.chosen())) {
                reason.append(": ").append(milliseconds(timing)).append(" a layer forward and backward");
            }
        }
        tuning.timings().stream()
                .filter(timing -> !timing.form().equals(tuning.chosen()))
                .min(Comparator.comparingDouble(AttentionTiming::milliseconds))
                .ifPresent(other -> reason.append(", best other ")
                        .append(other.form())
                        .append(' ')
                        .append(milliseconds(other)));
        return new AttentionChoice(NamedAttention.of(tuning.chosen()).orElseThrow(), reason.toString());
    }

    private static String milliseconds(AttentionTiming timing) {
        return String.format(Locale.ROOT, "%.2f ms", timing.milliseconds());
    }

    /**
     * The case whose timings decide for a run.
     *
     * @param run a configuration
     * @return its precision and shape on this machine
     */
    public AttentionCase caseOf(RunConfig run) {
        return AttentionCase.of(machine, run);
    }

    /**
     * Finds the timings of a run's case, measuring if some are missing.
     *
     * @param run a configuration; its {@code train.attention} does not matter
     * @param refresh measure even if nothing is missing
     * @return timings of all forms that fit, or the reasons why there is none
     */
    public AttentionTuning tune(RunConfig run, boolean refresh) {
        Map<String, String> leftOut = new LinkedHashMap<>();
        List<NamedAttention> fitting = fitting(run, leftOut);
        AttentionCase of = caseOf(run);
        AttentionTimings found = kept(of, fitting);
        String file = table == null ? null : table.file().toString();
        String source = AttentionTuning.FROM_TABLE;
        if (refresh || !found.decides(fitting)) {
            // All of them again: times of one moment are compared, not those of a quiet day with those of a busy one.
            found = measure.time(of, fitting);
            source = AttentionTuning.MEASURED;
            if (table != null && !table.keep(of, found)) {
                file = null;
            }
        }
        leftOut.putAll(found.untimed());
        return new AttentionTuning(of, found.timings(), chosen(found.timings(), rule(run)), source, file, leftOut);
    }

    private NamedAttention rule(RunConfig run) {
        return NamedAttention.standard(
                machine.device(), caseOf(run).dtype(), run.model().sequenceLength());
    }

    private static String chosen(List<AttentionTiming> timings, NamedAttention rule) {
        AttentionTiming fastest = timings.stream()
                .min(Comparator.comparingDouble(AttentionTiming::milliseconds))
                .orElseThrow();
        boolean stay = timings.stream()
                .filter(timing -> timing.form().equals(rule.label()))
                .anyMatch(timing -> fastest.milliseconds() > WORTHWHILE * timing.milliseconds());
        return stay ? rule.label() : fastest.form();
    }

    private AttentionTimings kept(AttentionCase of, List<NamedAttention> forms) {
        return table == null ? AttentionTimings.NONE : table.known(of).of(forms);
    }

    /** Forms that run on the device and fit into its memory; the others are put into {@code leftOut} with a reason. */
    private List<NamedAttention> fitting(RunConfig run, Map<String, String> leftOut) {
        long budget = Math.max(
                0,
                (machine.availableBytes()
                                - BYTES_A_PARAMETER
                                        * ParameterCount.of(run.model()).total())
                        / SHARE_OF_MEMORY);
        return Arrays.stream(NamedAttention.values())
                .filter(form -> {
                    long bytes = shareBytes(form, run);
                    if (!form.runsOn(machine.device())) {
                        leftOut.put(form.label(), "does not run on " + machine.device());
                    } else if (bytes > budget) {
                        leftOut.put(form.label(), tooLarge(bytes, budget));
                    } else {
                        return true;
                    }
                    return false;
                })
                .toList();
    }

    /** Of all blocks whose activations are kept, at least one: a recomputed block keeps its shares for a moment. */
    private long shareBytes(NamedAttention form, RunConfig run) {
        TrainConfig train = run.train();
        long layers = 0;
        for (int block = 0; block < run.model().layers(); block++) {
            layers += train.recomputes(block, run.model().isMoe(block)) ? 0 : 1;
        }
        long heads = caseOf(run).heads();
        return Math.max(1, layers)
                * form.shareBytes(
                        heads, run.model().sequenceLength(), caseOf(run).dtype());
    }

    private static String tooLarge(long bytes, long budget) {
        return String.format(
                Locale.ROOT,
                "would keep %.1f GiB for backward, more than the %.1f GiB that is half of the free memory without weights"
                        + " and optimizer",
                bytes / (double) (1L << 30),
                budget / (double) (1L << 30));
    }
}
