package io.github.gptmoe.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code moe bench}: measured throughput, by what is measured. */
@Command(
        name = "bench",
        description = "Measures throughput on this machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "WHAT",
        subcommands = {
            BenchStepCommand.class,
            BenchScalingCommand.class,
            BenchAutotuneCommand.class,
            BenchGenerateCommand.class,
            BenchCollectivesCommand.class,
            BenchLoadCommand.class,
            BenchZeroshotCommand.class
        })
final class BenchCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which benchmark?");
    }
}
