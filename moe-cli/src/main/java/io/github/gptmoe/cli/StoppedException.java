package io.github.gptmoe.cli;

/** A stop was asked for where there is nothing to finish and nothing to save. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        this("stopped before training; nothing was lost, and the same call packs the text again");
    }

    StoppedException(String message) {
        super(message);
    }
}
