package io.github.gptmoe.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code moe tokenizer}: vocabularies of pieces. */
@Command(
        name = "tokenizer",
        description = "Trains vocabularies of pieces, and uses them.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "WHAT",
        subcommands = {
            TokenizerTrainCommand.class,
            TokenizerInspectCommand.class,
            TokenizerEncodeCommand.class,
            TokenizerDecodeCommand.class
        })
final class TokenizerCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Train, inspect, encode or decode?");
    }
}
