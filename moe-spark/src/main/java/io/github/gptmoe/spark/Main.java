package io.github.gptmoe.spark;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code spark-submit} starts: {@code moe data} on a cluster. */
@Command(
        name = "moe-spark",
        description = "Cleans, deduplicates and packs text on a cluster; results are those of moe data, byte for byte.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Example: spark-submit --class io.github.gptmoe.spark.Main moe-spark-all.jar clean --input DIR --out DIR"
        },
        subcommands = {CleanCommand.class, DedupCommand.class, PackCommand.class})
public final class Main implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs a command. The process ends by itself after success, so that a cluster's manager sees the end of the application.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        PrintWriter out = writer(FileDescriptor.out);
        PrintWriter err = writer(FileDescriptor.err);
        int status = commandLine().setOut(out).setErr(err).execute(args);
        out.flush();
        err.flush();
        if (SparkSession.getDefaultSession().isDefined()) {
            SparkSession.getDefaultSession().get().stop();
        }
        if (status != ExitCode.DONE) {
            System.exit(status);
        }
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
        FailureHandler failures = new FailureHandler();
        return new CommandLine(new Main())
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }
}
