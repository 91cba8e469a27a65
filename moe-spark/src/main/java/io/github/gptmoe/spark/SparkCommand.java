package io.github.gptmoe.spark;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share: the session, and where output goes. */
@Command(mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true, abbreviateSynopsis = true)
abstract class SparkCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec spec;

    /** Does the work; failures are thrown and mapped by {@link FailureHandler}. */
    abstract void run(SparkSession session) throws Exception;

    @Override
    public final Integer call() throws Exception {
        check();
        SparkSession session = SparkSession.builder()
                .appName("moe " + spec.name())
                // Records, which tasks return, are what Java's own serialization knows best.
                .config("spark.serializer", JavaSerializer.class.getName())
                .getOrCreate();
        run(session);
        return ExitCode.DONE;
    }

    /** Judges the options before a session is asked for. */
    void check() {}

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** For arguments that only the command can judge. */
    final ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
