package io.github.gptmoe.cli;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.bpe.BpeInput;
import java.util.List;
import picocli.CommandLine.Option;

/** Which text a command on tokenizers reads, and how. */
final class TokenizerInput {

    @Option(
            names = "--input",
            arity = "1..*",
            paramLabel = "FILE",
            description = {
                "Text: files, folders, globs. .txt (a sentence a line) or .jsonl (field text, its lines are sentences),",
                "plain or followed by .gz or .zst; UTF-8."
            })
    private List<String> input = List.of();

    @Option(
            names = "--sample",
            paramLabel = "N",
            defaultValue = "0",
            description = "Read everything but use only N sentences, drawn evenly; default 0: all.")
    private int sample;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Which sentences --sample draws; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--bad-rows",
            paramLabel = "fail|skip",
            defaultValue = "fail",
            description =
                    "At invalid UTF-8 or broken JSON: stop (default), or leave the row out, up to one in a thousand.")
    private BadRows badRows = BadRows.FAIL;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads; default: all processors. The result does not depend on it.")
    private int threads = Runtime.getRuntime().availableProcessors();

    boolean given() {
        return !input.isEmpty();
    }

    BpeInput input() {
        return new BpeInput(CorpusFiles.ofOption("--input", input), badRows, sample, seed);
    }

    int threads() {
        if (threads < 1) {
            throw new InputException(InputException.Kind.CONFIGURATION, "--threads " + threads + " must be at least 1");
        }
        return threads;
    }
}
