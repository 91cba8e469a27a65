package io.github.gptmoe.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

/** {@code moe}: trains and evaluates sparse GPT models. */
@Command(
        name = "moe",
        description = "Trains and evaluates sparse GPT models.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "First run: moe pretrain --config quickstart", "Details of a command: moe COMMAND --help"},
        subcommands = {
            PretrainCommand.class,
            GenerateCommand.class,
            ContinuePretrainCommand.class,
            ZeroshotCommand.class,
            ScoreCommand.class,
            InspectCommand.class,
            ExportCommand.class,
            ReportCommand.class,
            DataCommand.class,
            PlanCommand.class,
            BenchCommand.class,
            GenerateCompletion.class
        })
public final class Main implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs the program and ends the process with one of {@link ExitCode}.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        // UTF-8 whatever the locale: JSON demands it, and sample text is Chinese.
        PrintWriter out = writer(FileDescriptor.out);
        PrintWriter err = writer(FileDescriptor.err);
        int status = commandLine().setOut(out).setErr(err).execute(args);
        out.flush();
        err.flush();
        System.exit(status);
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }

    /**
     * Builds the command line.
     *
     * @return a command line that maps every failure to an exit code
     */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        FailureHandler failures = new FailureHandler();
        return commandLine
                .setExecutionStrategy(Main::executePrinting)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** A print writer swallows its failures; without this, results lost to a full device would count as delivered. */
    private static int executePrinting(ParseResult call) {
        int status = new RunLast().execute(call);
        CommandLine command = call.commandSpec().commandLine();
        if (!command.getOut().checkError()) {
            return status;
        }
        command.getErr().println("Standard output could not be written: the device is full, or its reader has gone");
        return status == ExitCode.DONE ? ExitCode.ENVIRONMENT : status;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }
}
