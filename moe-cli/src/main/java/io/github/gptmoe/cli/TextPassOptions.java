package io.github.gptmoe.cli;

import io.github.gptmoe.data.BadRowPolicy;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.RowLimit;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import java.io.File;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What commands share that read text files and write text files. */
final class TextPassOptions {
    private static final int MOST_THREADS = 64;
    private static final String REFUSE = "refuse";

    /** Keys of a pack's description to the options that stand for them here. */
    private static final Map<String, String> OPTIONS = Map.of(
            "badRows", "--bad-rows",
            "maxBadShare", "--max-bad-share",
            "longRows", "--long-rows",
            "maxRowBytes", "--max-row");

    @Option(
            names = "--input",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            description = {
                "Text: files, folders or globs of .txt (a document a line) or .jsonl ({\"text\": ...}),",
                "plain or with a further .gz or .zst."
            })
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private List<String> inputs;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description = {
                "Output folder: .jsonl files under the names of the inputs, compressed as these are, in the same order.",
                "The same call goes on where an earlier one was stopped."
            })
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private Path out;

    @Mixin
    private RowOptions rows = new RowOptions();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads; default one for each processor. The result is the same for any number.")
    private @Nullable Integer threads;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec command;

    List<InputFile> inputs() {
        List<Path> files = CorpusFiles.ofOption("--input", inputs);
        inputs.forEach(this::requireOutElsewhere);
        return InputFile.of(files);
    }

    /** Outputs in a folder of inputs would be inputs of the call that goes on, or of the next one. */
    private void requireOutElsewhere(String entry) {
        if (new File(entry).isDirectory() && OutputFolder.isWithin(out, Path.of(entry))) {
            throw new ParameterException(
                    command.commandLine(),
                    "--out " + out + " lies in the folder --input " + entry
                            + ", where outputs would be found as inputs later; name a folder outside of it");
        }
    }

    Path out() {
        return out;
    }

    RowRules rows() {
        String badRows = rows.badRows(BadRows.FAIL.label());
        double share = rows.maxBadShare(BadRowPolicy.USUAL_SHARE);
        String longRows = rows.longRows(REFUSE);
        int most = rows.maxRowBytes(RowLimit.MOST_BYTES);
        Map<String, String> problems = RowRules.problems(badRows, share, longRows, most);
        if (!problems.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    problems.entrySet().stream()
                            .map(problem -> OPTIONS.get(problem.getKey()) + " " + problem.getValue())
                            .collect(Collectors.joining("\n")));
        }
        if (rows.namesQuarantine() && !badRows.equals(BadRows.QUARANTINE.label())) {
            throw new ParameterException(command.commandLine(), "--quarantine belongs to --bad-rows quarantine");
        }
        return RowRules.of(badRows, share, longRows, most, rows.quarantine(out));
    }

    /** Tells where the bad rows of a pass are, if there were any. */
    void tellQuarantine(long skipped, PrintWriter out) {
        Path file = rows().quarantine();
        if (file != null && skipped > 0) {
            out.println("bad rows are in " + file);
        }
    }

    int threads() {
        if (threads == null) {
            return DocumentGroups.usualThreads();
        }
        if (threads < 1 || threads > MOST_THREADS) {
            throw new ParameterException(
                    command.commandLine(), "--threads " + threads + " must lie between 1 and " + MOST_THREADS);
        }
        return threads;
    }
}
