package io.github.gptmoe.cli;

/** What the launcher found out about the streams, which Java 17 cannot tell by itself. */
final class Terminal {

    private Terminal() {}

    /** Whether standard error is a terminal, where a line may be rewritten. */
    static boolean isErrorStream() {
        return Boolean.getBoolean("moe.terminal");
    }
}
