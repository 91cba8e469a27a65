package io.github.gptmoe.spark;

/** What the exit status says to a script; numbers are those of {@code moe}. */
final class ExitCode {
    static final int DONE = 0;
    static final int DEFECT = 1;
    static final int CONFIGURATION = 2;
    static final int ENVIRONMENT = 3;

    private ExitCode() {}
}
