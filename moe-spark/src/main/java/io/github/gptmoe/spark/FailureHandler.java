package io.github.gptmoe.spark;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import org.apache.spark.SparkException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place that turns a failure into a message and an exit code. */
final class FailureHandler implements IExecutionExceptionHandler, IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException mistake, String[] args) {
        CommandLine command = mistake.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(mistake.getMessage());
        UnmatchedArgumentException.printSuggestions(mistake, err);
        err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitCode.CONFIGURATION;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments) {
        PrintWriter err = command.getErr();
        Throwable cause = cause(failure);
        int status = status(cause);
        if (status == ExitCode.DEFECT) {
            err.println("This is a defect of moe-spark. Please report it with what follows.");
            failure.printStackTrace(err);
        } else {
            err.println(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        }
        err.flush();
        return status;
    }

    /** What a user must repair, if Spark has wrapped it; else the failure itself. */
    private static Throwable cause(Throwable failure) {
        for (Throwable inner = failure; inner != null; inner = inner.getCause()) {
            if (inner instanceof InputException) {
                return inner;
            }
        }
        return failure;
    }

    private static int status(Throwable failure) {
        if (failure instanceof ConfigException || failure instanceof ParameterException) {
            return ExitCode.CONFIGURATION;
        }
        if (failure instanceof InputException input) {
            return switch (input.kind()) {
                case CONFIGURATION -> ExitCode.CONFIGURATION;
                case ENVIRONMENT -> ExitCode.ENVIRONMENT;
            };
        }
        boolean outside = failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof SparkException;
        return outside ? ExitCode.ENVIRONMENT : ExitCode.DEFECT;
    }
}
