package io.github.gptmoe.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code moe data}: text on its way to training. */
@Command(
        name = "data",
        description = "Turns text into what a run trains on.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "WHAT",
        subcommands = {
            CleanCommand.class,
            DedupCommand.class,
            PackCommand.class,
            InspectDataCommand.class,
            PlantCommand.class
        })
final class DataCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "What is to be done with the data?");
    }
}
