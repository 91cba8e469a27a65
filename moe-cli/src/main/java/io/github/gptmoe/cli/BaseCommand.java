package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share: {@code --help}, {@code -v} and where output goes. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        abbreviateSynopsis = true)
abstract class BaseCommand implements Callable<Integer> {

    static final String MEMORY_REMEDY = "end other programs, or use a machine with more memory or a smaller model";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private CommandSpec spec;

    @Mixin
    private LoggingOptions logging = new LoggingOptions();

    /** Does the work; failures are thrown and mapped by {@link FailureHandler}. */
    abstract int run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        logging.apply();
        try {
            return run();
        } catch (OutOfMemoryError tooSmall) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "Java's own memory is full (" + tooSmall.getMessage() + "); start with MOE_HEAP=8g or more",
                    tooSmall);
        } catch (UnsatisfiedLinkError unusable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "a native library cannot be used on this machine: " + unusable.getMessage(),
                    unusable);
        }
    }

    /** What to do when tensors do not fit the memory; completes "Not enough memory for the tensors: ". */
    String memoryRemedy() {
        return MEMORY_REMEDY;
    }

    /** Standard output: results only. */
    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Standard error: everything else. */
    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Whether an option was given, even with its default as value. */
    final boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** For arguments that only the command can judge. */
    final ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
