package io.github.gptmoe.cli;

/** What the exit status of {@code moe} says to a script. */
public final class ExitCode {

    /** Done as asked. */
    public static final int DONE = 0;

    /** A defect of this program; the stack trace is on standard error. */
    public static final int DEFECT = 1;

    /** A mistake in the configuration or the arguments. */
    public static final int CONFIGURATION = 2;

    /** Something outside: a device, the disk, memory, data. */
    public static final int ENVIRONMENT = 3;

    /** Training ran away from finite numbers. */
    public static final int DIVERGENCE = 4;

    /** Stopped on request; the same call continues a run, and begins a measurement again. */
    public static final int STOPPED = 75;

    private ExitCode() {}
}
