package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.attention.AttentionTuning;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.tuning.Combination;
import io.github.gptmoe.train.tuning.SwitchSpace;
import io.github.gptmoe.train.tuning.Switches;
import io.github.gptmoe.train.tuning.Trial;
import io.github.gptmoe.train.tuning.TuningListener;
import io.github.gptmoe.train.tuning.TuningSearch;
import io.github.gptmoe.train.tuning.TuningTable;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The second half of {@code moe bench autotune}: the switches, with the form of attention that the first half found. */
final class SwitchTuning implements TuningListener {
    private static final double GIB = 1L << 30;
    private static final double MILLISECONDS = 1e3;

    private final ConfigOptions config;
    private final SwitchOptions options;
    private final SwitchSpace space;
    private final PrintWriter err;
    private String attention = TrainConfig.AUTO;

    /**
     * Works out what can be tried.
     *
     * @param config what is tuned
     * @param options how
     * @param err hears of progress
     */
    SwitchTuning(ConfigOptions config, SwitchOptions options, PrintWriter err) {
        this.config = config;
        this.options = options;
        this.err = err;
        this.space = SwitchSpace.of(config::load, Switches.axes(config::load, options.devices(), options.tried()));
    }

    /** A search that measures by a program, with a form of attention. */
    TuningSearch search(ChildMoe moe, String form) {
        attention = form;
        List<String> shared = new ArrayList<>(config.arguments());
        shared.addAll(List.of("--set", "train.attention=" + attention));
        shared.addAll(options.stepOptions());
        ChildStep step = new ChildStep(moe, shared, options.limits());
        err.printf(
                Locale.ROOT,
                "attention %s; %d combinations of switches, at most %d of them are measured%n",
                attention,
                space.combinations().size(),
                Math.min(space.combinations().size(), options.effort().trials()));
        return new TuningSearch(
                space, options.effort(), new SwitchTrials(step, options.memoryBytes()), this, System::nanoTime);
    }

    @Override
    public void starting(Progress progress, Combination combination) {
        err.println(place(progress, combination) + " ...");
    }

    @Override
    public void ended(Progress progress, Combination combination, Trial trial) {
        String what = trial.reason();
        if (what == null) {
            Long peak = trial.peakBytes();
            what = String.format(Locale.ROOT, "%,.1f ms", trial.seconds() * MILLISECONDS)
                    + (peak == null ? "" : String.format(Locale.ROOT, ", %.3f GiB", peak / GIB));
        }
        err.println(place(progress, combination) + "  " + what
                + progress.left()
                        .filter(time -> !time.isZero())
                        .map(SwitchTuning::left)
                        .orElse(""));
    }

    private static String place(Progress progress, Combination combination) {
        return progress.number() + " of at most " + progress.atMost()
                + (progress.round() == 0 ? "" : ", finals, round " + progress.round()) + "  " + combination.label();
    }

    private static String left(Duration time) {
        long minutes = (time.toSeconds() + 30) / 60;
        return "; at most about " + (minutes == 0 ? time.toSeconds() + " s" : minutes + " min") + " left";
    }

    /** The table and what it means, for a person. */
    List<String> text(TuningTable table) {
        List<String> lines = new ArrayList<>(TuningText.table(table));
        lines.add("");
        lines.addAll(TuningText.method(table, options.warmUp(), options.steps()));
        lines.addAll(TuningText.SAME_GRADIENTS);
        return lines;
    }

    /** The head of the winner's file. */
    List<String> comments(TuningTable table, AttentionTuning machine) {
        Combination winner = table.winning().orElseThrow();
        var of = machine.measured();
        List<String> lines = new ArrayList<>();
        lines.add(config.written() + " with the fastest switches that moe bench autotune found on "
                + LocalDate.now(ZoneId.systemDefault())
                + (winner.devices() == 1 ? "" : ", for --devices " + winner.devices()));
        lines.add("on " + of.device() + ", " + of.threads() + " threads, libtorch " + of.libtorch() + "; "
                + of.precision() + ", attention " + config(winner).train().attention());
        Long memory = options.memoryBytes();
        if (memory != null) {
            lines.add(String.format(Locale.ROOT, "resident memory limited to %.3f GiB", memory / GIB));
        }
        lines.add("");
        lines.addAll(text(table));
        return lines;
    }

    private RunConfig config(Combination winner) {
        List<String> sets = new ArrayList<>(List.of("train.attention=" + attention));
        sets.addAll(winner.sets());
        return config.load(sets);
    }

    /** The winner's configuration, with data that is found from here if there is any. */
    RunConfig winner(TuningTable table) {
        RunConfig winner = config(table.winning().orElseThrow());
        try {
            return config.withData(winner, err::println);
        } catch (InputException noData) {
            err.println(noData.getMessage());
            return winner; // which is said, and needs none until it trains
        }
    }

    /** What trains it, but for the name of its file. */
    static String nextOptions(TuningTable table) {
        int devices = table.winning().orElseThrow().devices();
        return devices == 1 ? "" : " --devices " + devices;
    }
}
