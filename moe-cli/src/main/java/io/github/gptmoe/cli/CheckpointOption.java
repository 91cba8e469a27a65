package io.github.gptmoe.cli;

import io.github.gptmoe.eval.RunLocator;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --checkpoint}: which trained model. */
final class CheckpointOption {

    @Option(
            names = "--checkpoint",
            paramLabel = "RUN",
            description = {
                "Run folder, whose newest sound checkpoint is taken, or one of its checkpoints/step-N folders;",
                "default: the newest finished run under runs/."
            })
    private @Nullable Path checkpoint;

    /** Whether the option was given. */
    boolean isNamed() {
        return checkpoint != null;
    }

    /** The folder that was named, or the newest finished run that was not adapted to tasks. */
    Path pretrained() {
        return checkpoint != null ? checkpoint : RunLocator.inWorkingFolder().newestPretrained();
    }

    /** The folder that was named, or the newest finished run. */
    Path path() {
        return checkpoint != null ? checkpoint : RunLocator.inWorkingFolder().newestFinished();
    }
}
