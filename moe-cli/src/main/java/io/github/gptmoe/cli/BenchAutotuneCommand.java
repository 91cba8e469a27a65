package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.train.attention.AttentionCase;
import io.github.gptmoe.train.attention.AttentionTable;
import io.github.gptmoe.train.attention.AttentionTiming;
import io.github.gptmoe.train.attention.AttentionTuner;
import io.github.gptmoe.train.attention.AttentionTuning;
import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench autotune}: the forms of attention beside each other. */
@Command(
        name = "autotune",
        description = {
            "Times the forms of attention in the precision and shape of a config, for about a second (longer where",
            "sequences are so long that one pass takes that), and keeps the timings, from which runs with",
            "train.attention: auto choose. What is kept already is only shown."
        },
        footer = {"", "Example: moe bench autotune --config bench-small --set train.precision=bf16 --refresh"})
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

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return "lower train.microBatch";
    }

    @Override
    int run() throws JsonProcessingException {
        RunConfig run = config.load();
        AttentionTable kept = table != null
                ? new AttentionTable(table, err()::println)
                : AttentionTuner.userTable(err()::println).orElse(null);
        AttentionTuning tuning = AttentionTuner.here(kept, err()::println).tune(run, refresh);
        if (json.asked()) {
            JsonOption.print(out(), tuning);
        } else {
            print(tuning);
            run.train().namedAttention().ifPresent(this::remark);
        }
        return ExitCode.DONE;
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
