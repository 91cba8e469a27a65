package io.github.gptmoe.cli;

/** A stop was asked for before training began: there is no step to finish and nothing to save. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("stopped before training; nothing was lost, and the same call packs the text again");
    }
}
