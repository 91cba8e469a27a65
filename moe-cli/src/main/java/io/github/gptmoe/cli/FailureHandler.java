package io.github.gptmoe.cli;

import ai.djl.TrainingDivergedException;
import ai.djl.engine.EngineException;
import io.github.gptmoe.core.kernel.DeviceException;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.CheckpointException;
import io.github.gptmoe.train.collective.CollectiveException;
import io.github.gptmoe.train.config.ConfigException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
        int status = status(failure);
        if (status == ExitCode.DEFECT) {
            err.println("This is a defect of moe. Please report it with what follows.");
            failure.printStackTrace(err);
        } else {
            err.println(message(failure, command));
        }
        err.flush();
        return status;
    }

    static int status(Throwable failure) {
        if (failure instanceof ConfigException || failure instanceof ParameterException) {
            return ExitCode.CONFIGURATION;
        }
        if (failure instanceof InputException input) {
            return switch (input.kind()) {
                case CONFIGURATION -> ExitCode.CONFIGURATION;
                case ENVIRONMENT -> ExitCode.ENVIRONMENT;
            };
        }
        if (failure instanceof CheckpointException checkpoint) {
            return switch (checkpoint.kind()) {
                case NOT_FOUND -> ExitCode.CONFIGURATION;
                case DAMAGED, TOO_NEW, DISK_FULL, SAVE_FAILED, LOCKED -> ExitCode.ENVIRONMENT;
            };
        }
        if (failure instanceof CollectiveException) {
            return collectiveStatus(failure);
        }
        if (failure instanceof TrainingDivergedException) {
            return ExitCode.DIVERGENCE;
        }
        boolean outside = failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof DeviceException
                || lacksMemory(failure);
        return outside ? ExitCode.ENVIRONMENT : ExitCode.DEFECT;
    }

    /** That of what some rank failed of; without a cause a rank, a process or the network has gone. */
    private static int collectiveStatus(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CollectiveException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof CollectiveException ? ExitCode.ENVIRONMENT : status(cause);
    }

    /** The engine has no exception type of its own for this. */
    private static boolean lacksMemory(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return failure instanceof EngineException
                && (message.contains("can't allocate memory") || message.contains("out of memory"));
    }

    /** One sentence; file system exceptions carry no more than the path, so the reason is added. */
    private static String message(Throwable failure, CommandLine command) {
        Throwable cause =
                failure instanceof UncheckedIOException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof NoSuchFileException missing) {
            return "No such file or folder: " + missing.getFile();
        }
        if (cause instanceof AccessDeniedException denied) {
            return "No permission for " + denied.getFile();
        }
        if (cause instanceof FileSystemException || cause instanceof FileNotFoundException) {
            return "Cannot use the file: " + cause.getMessage();
        }
        if (lacksMemory(failure)) {
            return "Not enough memory for the tensors: " + memoryRemedy(command) + ". "
                    + String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String memoryRemedy(CommandLine command) {
        return command.getCommand() instanceof BaseCommand known ? known.memoryRemedy() : BaseCommand.MEMORY_REMEDY;
    }
}
