package io.github.gptmoe.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.train.attention.AttentionCase;
import io.github.gptmoe.train.attention.AttentionTable;
import io.github.gptmoe.train.attention.AttentionTiming;
import io.github.gptmoe.train.attention.AttentionTuner;
import io.github.gptmoe.train.attention.AttentionTuning;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.tuning.TuningSearch;
import io.github.gptmoe.train.tuning.TuningTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench autotune}: the form of attention, then the switches that change what a step costs and not what it learns. */
@Command(
        name = "autotune",
        description = {
            "Finds the fastest way to run a config on this machine at its global batch. First times the forms of attention",
            "in its precision and shape, for about a second (longer where sequences are so long that one pass takes that),",
            "and keeps the timings, from which runs with train.attention: auto choose; what is kept already is only shown.",
            "Then measures training steps with micro-batches (accumulation follows), recompute and, with several devices,",
            "ZeRO stages, each combination in a process of its own, and writes the fastest as a complete config."
        },
        footer = {
            "",
            "A combination that does not fit into memory, or fails otherwise, has a row that says so. If there are more",
            "combinations than --trials, each switch is varied in turn, with larger micro-batches as long as these gain.",
            "The best few are measured again in turn and the medians decide; equal times go to less memory. Memory is the",
            "resident set of the process, not that of a GPU. --attention-only leaves the switches out.",
            "Gradients are the same up to rounding, except that router losses are means over a micro-batch: a run that has",
            "begun keeps its train.microBatch.",
            "Ctrl-C ends the measurement that runs, shows what was measured and writes no config; the exit code is then 75.",
            "If nothing can be measured it is 3.",
            "Example: moe bench autotune --config bench-small --set train.precision=bf16 --memory 8GiB"
        })
final class BenchAutotuneCommand extends BaseCommand {

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--refresh", description = "Measure also what is kept already, and what could not be run.")
    private boolean refresh;

    @Option(
            names = "--table",
            paramLabel = "FILE",
            description = {
                "Where timings are kept; default: what the variable " + AttentionTable.VARIABLE + " names, else",
                "gpt-moe/attention.json in XDG_CACHE_HOME or ~/.cache."
            })
    private @Nullable Path table;

    @Option(names = "--attention-only", description = "Only the forms of attention, without the switches.")
    private boolean attentionOnly;

    @Mixin
    private SwitchOptions switches = new SwitchOptions();

    @Mixin
    private TunedFile tuned = new TunedFile();

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json}, unless only attention was asked for.
     *
     * @param attention forms of attention
     * @param search what the switches came to
     * @param written the winner's file; null if none was written
     */
    record Document(
            @JsonUnwrapped AttentionTuning attention,
            TuningTable search,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String written) {}

    @Override
    String memoryRemedy() {
        return "lower train.microBatch";
    }

    @Override
    int run() throws IOException, InterruptedException {
        RankEnvironment.of(System.getenv()).requireAlone("bench autotune");
        RunConfig run = config.load();
        SwitchTuning tuning = attentionOnly ? null : prepared();
        AttentionTable kept = table != null
                ? new AttentionTable(table, err()::println)
                : AttentionTuner.userTable(err()::println).orElse(null);
        AttentionTuning attention = AttentionTuner.here(kept, err()::println).tune(run, refresh);
        if (json.asked() && attentionOnly) {
            JsonOption.print(out(), attention);
        } else if (!json.asked()) {
            print(attention);
            run.train().namedAttention().ifPresent(this::remark);
        }
        String form = run.train().namedAttention().map(NamedAttention::label).orElse(attention.chosen());
        return tuning == null ? ExitCode.DONE : search(tuning, attention, form);
    }

    /** Whatever is wrong is said before anything is measured. */
    private SwitchTuning prepared() {
        switches.requireSense(this::mistake);
        tuned.requireRoom(config.baseName(), this::mistake);
        return new SwitchTuning(config, switches, err());
    }

    private int search(SwitchTuning tuning, AttentionTuning attention, String form)
            throws IOException, InterruptedException {
        ChildMoe moe = ChildMoe.likeThis();
        StopSignals.connect(
                moe::stop,
                "Stopping: what was measured so far is shown. Again to stop at once.",
                message -> err().println(message));
        TuningSearch search = tuning.search(moe, form);
        TuningTable found;
        try {
            found = search.run();
        } catch (StoppedException early) {
            found = search.table();
            err().println("stopped after " + found.rows().size()
                    + " combinations; no config is written, and the same call" + " begins again");
            show(tuning, attention, found, null);
            return ExitCode.STOPPED;
        }
        if (found.winning().isEmpty()) {
            show(tuning, attention, found, null);
            err().println("no combination could be measured; the table says why");
            return ExitCode.ENVIRONMENT;
        }
        Path file = null;
        try {
            if (tuned.wanted()) {
                file = tuned.write(config.baseName(), tuning.winner(found), tuning.comments(found, attention));
            }
        } finally {
            show(tuning, attention, found, file); // also if the disk is full: it took minutes
        }
        return ExitCode.DONE;
    }

    private void show(SwitchTuning tuning, AttentionTuning attention, TuningTable found, @Nullable Path file)
            throws IOException {
        if (json.asked()) {
            JsonOption.print(out(), new Document(attention, found, file == null ? null : file.toString()));
            return;
        }
        out().println();
        tuning.text(found).forEach(out()::println);
        if (file != null) {
            out().println();
            out().println("written to " + file + "; next: moe pretrain --config " + file
                    + SwitchTuning.nextOptions(found));
        }
    }

    private void print(AttentionTuning tuning) {
        AttentionCase of = tuning.measured();
        out().printf(
                        Locale.ROOT,
                        "%s, %d heads of %,d tokens x %d; %s, %d threads, libtorch %s%n%n",
                        of.precision(),
                        of.heads(),
                        of.sequenceLength(),
                        of.headSize(),
                        of.device(),
                        of.threads(),
                        of.libtorch());
        out().printf(Locale.ROOT, "%-11s %12s %12s %12s%n", "attention", "forward ms", "backward ms", "together ms");
        for (AttentionTiming timing : tuning.timings()) {
            out().printf(
                            Locale.ROOT,
                            "%-11s %12.2f %12.2f %12.2f%s%n",
                            timing.form(),
                            timing.forwardMilliseconds(),
                            timing.backwardMilliseconds(),
                            timing.milliseconds(),
                            timing.form().equals(tuning.chosen()) ? "  <- chosen" : "");
        }
        tuning.leftOut().forEach((form, reason) -> out().printf("%-11s %s%n", form, reason));
        out().println();
        out().println("one layer, best of several; " + tuning.origin());
    }

    private void remark(NamedAttention named) {
        out().println("this config names train.attention: " + named.label() + ", so its runs take that");
    }
}
