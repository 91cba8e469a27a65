package io.github.gptmoe.cli;

/** What the launcher found out about the streams, which Java 17 cannot tell by itself. */
final class Terminal {

    private Terminal() {}

    /** Width of the terminal on standard error, where a line may be rewritten; 0 if it is no terminal. */
    static int errorColumns() {
        return Integer.getInteger("moe.columns", 0);
    }
}
