package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.LoadBenchmark;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.ReportJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench load}: how fast large checkpoints are saved and loaded, and in how much memory. */
@Command(
        name = "load",
        description = "Saves a checkpoint of the size of a large model, then loads it, each in a process of its own.",
        footer = {
            "",
            "The model is cut, or given further experts, until its BF16 weights come close to --size. Every round reads",
            "the files plainly, then loads them into arrays as inference does; the ratio is the median of the rounds'.",
            "Before each, the system is asked to forget the files: the output says how much of them it had in its cache",
            "nevertheless. A cache outside (of a hypervisor, a controller, a file server) is not reached. Verifying is",
            "what a resume or inference does before it loads. Saving includes checksums and reading back.",
            "What was written is deleted, also after Ctrl-C, unless --keep is given.",
            "Example: moe bench load --size 8GiB --dir /data/scratch"
        })
final class BenchLoadCommand extends BaseCommand {
    private static final double GIB = 1L << 30;

    /** What a child does. */
    enum Phase {
        SAVE,
        READ,
        VERIFY,
        LOAD
    }

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "16b",
            description = "Configuration whose model is written; default ${DEFAULT-VALUE}.")
    private String config = "16b";

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Override one key of the config, for example checkpoint.shardBytes; repeatable.")
    private List<String> sets = new ArrayList<>();

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            converter = ByteSize.Converter.class,
            description = "Bytes of the weights, such as 8GiB; default: what the model has in BF16.")
    private @Nullable ByteSize size;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Folder on the disk to measure; default: the working folder.")
    private Path dir = Path.of(".");

    @Option(
            names = "--rounds",
            paramLabel = "R",
            defaultValue = "3",
            description = "Plain reads and loads, in turn; default ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(names = "--keep", description = "Do not delete the checkpoint.")
    private boolean keep;

    @Option(names = "--phase", hidden = true, description = "What the processes that it starts do.")
    private @Nullable Phase phase;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return "give a smaller --size";
    }

    @Override
    int run() throws IOException, InterruptedException {
        if (rounds < 1) {
            throw mistake("--rounds must be at least 1");
        }
        RunConfig run = ConfigLoader.load(config, sets);
        ModelConfig model = cut(run.model());
        if (phase != null) {
            JsonOption.print(out(), part(phase, model, run.checkpoint().shardBytes()));
            return ExitCode.DONE;
        }
        LoadBenchmark.requireMemory(model);
        if (!Files.isDirectory(dir)) {
            throw mistake("--dir " + dir + " is not a folder; make it, or name another");
        }
        LoadBenchmark.requireDisk(model, dir);
        ChildMoe moe = ChildMoe.likeThis();
        try (ScratchFolder folder = ScratchFolder.make(dir, "moe-bench-load-", keep)) {
            StopSignals.connect(
                    moe::stop,
                    "Stopping" + (keep ? "." : ": what was written is deleted.") + " Again to stop at once.",
                    message -> err().println(message));
            LoadResult result = measure(moe, model, folder.path());
            if (json.asked()) {
                JsonOption.print(out(), result);
            } else {
                print(result);
            }
            if (keep) {
                err().println("kept " + folder.path());
            }
            return ExitCode.DONE;
        } catch (StoppedException early) {
            err().println("stopped; nothing was measured to the end");
            return ExitCode.STOPPED;
        }
    }

    private ModelConfig cut(ModelConfig model) {
        if (size == null) {
            return model;
        }
        try {
            return LoadBenchmark.scaled(model, size.bytes());
        } catch (IllegalArgumentException | ArithmeticException impossible) {
            throw mistake("--size of " + size.bytes() + " bytes is not possible with " + config + ": "
                    + impossible.getMessage());
        }
    }

    private LoadBenchmark.Part part(Phase wanted, ModelConfig model, long shardBytes) throws IOException {
        return switch (wanted) {
            case SAVE -> LoadBenchmark.save(model, dir, shardBytes);
            case READ -> LoadBenchmark.readPlainly(dir);
            case VERIFY -> LoadBenchmark.verify(dir);
            case LOAD -> LoadBenchmark.load(model, dir);
        };
    }

    private LoadResult measure(ChildMoe moe, ModelConfig model, Path folder) throws IOException, InterruptedException {
        err().printf(
                        Locale.ROOT,
                        "%s with %d layers and experts %s: %.2f GiB of weights in %s%n",
                        config,
                        model.layers(),
                        model.experts(),
                        LoadBenchmark.storedBytes(model) / GIB,
                        folder);
        LoadBenchmark.Part saved = child(moe, folder, Phase.SAVE, "save");
        LoadBenchmark.Part verified = child(moe, folder, Phase.VERIFY, "verify");
        List<LoadResult.Round> measured = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            String place = "round " + round + "/" + rounds + "  ";
            measured.add(new LoadResult.Round(
                    child(moe, folder, Phase.READ, place + "plain read"),
                    child(moe, folder, Phase.LOAD, place + "load")));
        }
        return new LoadResult(config, model.layers(), model.experts(), saved, verified, measured);
    }

    private LoadBenchmark.Part child(ChildMoe moe, Path folder, Phase wanted, String told)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("bench", "load", "--config", config));
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        if (size != null) {
            arguments.addAll(List.of("--size", Long.toString(size.bytes())));
        }
        arguments.addAll(List.of("--dir", folder.toString(), "--phase", wanted.name(), "--json"));
        ChildMoe.Call call = moe.call(arguments);
        if (call.status() != ExitCode.DONE) {
            throw failed(told.strip(), call);
        }
        try {
            LoadBenchmark.Part part = ReportJson.mapper().readValue(lastLine(call.out()), LoadBenchmark.Part.class);
            err().printf(Locale.ROOT, "%s: %.2f s, %.3f GB/s%n", told, part.seconds(), part.gigabytesPerSecond());
            return part;
        } catch (JsonProcessingException unreadable) {
            throw new IllegalStateException(told + " gave no result: " + lastLine(call.out()), unreadable);
        }
    }

    private static RuntimeException failed(String told, ChildMoe.Call call) {
        String message = told + " failed: "
                + (call.status() > 128
                        ? "the process was ended by signal " + (call.status() - 128)
                                + ", as the system does when memory runs out"
                        : lastLine(call.err()));
        if (call.status() == ExitCode.DEFECT) {
            return new IllegalStateException(told + " failed:\n" + call.err());
        }
        return new InputException(
                call.status() == ExitCode.CONFIGURATION
                        ? InputException.Kind.CONFIGURATION
                        : InputException.Kind.ENVIRONMENT,
                message);
    }

    private static String lastLine(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .reduce((before, last) -> last)
                .orElse("it said nothing")
                .strip();
    }

    private void print(LoadResult result) {
        out().printf(
                        Locale.ROOT,
                        "%,d bytes, %d layers, experts %s%n%n%-12s %10s %10s %18s %14s%n",
                        result.bytes(),
                        result.layers(),
                        result.experts(),
                        "",
                        "seconds",
                        "GB/s",
                        "in cache before",
                        "peak MiB");
        row("save", result.save());
        row("verify", result.verify());
        for (LoadResult.Round round : result.rounds()) {
            row("plain read", round.read());
            row("load", round.load());
        }
        out().printf(
                        Locale.ROOT,
                        "%nload at %.3f GB/s, plain read at %.3f GB/s, ratio %.2f (medians of %d, cache %s)%n",
                        result.loadGigabytesPerSecond(),
                        result.readGigabytesPerSecond(),
                        result.ratio(),
                        result.rounds().size(),
                        result.cache());
        Long above = result.peakAboveTensorsBytes();
        out().println(
                        above == null
                                ? "memory: this system does not tell (no /proc/self/status)"
                                : String.format(
                                        Locale.ROOT,
                                        "peak resident memory of loading is %.0f MiB above the tensors' %.2f GiB; %,d elements"
                                                + " compared",
                                        above / (double) (1 << 20),
                                        result.tensorBytes() / GIB,
                                        result.checkedElements()));
    }

    private void row(String what, LoadBenchmark.Part part) {
        Double cached = part.cachedShare();
        Long peak = part.peakResidentBytes();
        out().printf(
                        Locale.ROOT,
                        "%-12s %10.2f %10.3f %18s %14s%n",
                        what,
                        part.seconds(),
                        part.gigabytesPerSecond(),
                        cached == null ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * cached),
                        peak == null ? "" : String.format(Locale.ROOT, "%,d", peak >> 20));
    }
}
