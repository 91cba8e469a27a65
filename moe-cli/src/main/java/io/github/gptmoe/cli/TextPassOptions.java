package io.github.gptmoe.cli;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What commands share that read text files and write text files. */
final class TextPassOptions {
    private static final int MOST_THREADS = 64;

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

    @Option(
            names = "--bad-rows",
            paramLabel = "POLICY",
            defaultValue = "fail",
            description = {
                "Rows that cannot be read: fail (default) stops at the first one, skip leaves them out and stops when",
                "more than one in 1,000 of a file is bad."
            })
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private Policy policy;

    /** What to do with rows that cannot be read; names as people write them. */
    private enum Policy {
        FAIL,
        SKIP
    }

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads; default one for each processor. The result is the same for any number.")
    private @Nullable Integer threads;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec command;

    List<InputFile> inputs() {
        return InputFile.of(CorpusFiles.ofOption("--input", inputs));
    }

    Path out() {
        return out;
    }

    BadRows badRows() {
        return switch (policy) {
            case FAIL -> BadRows.FAIL;
            case SKIP -> BadRows.SKIP;
        };
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
