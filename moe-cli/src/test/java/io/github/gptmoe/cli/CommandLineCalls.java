package io.github.gptmoe.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Calls {@code moe} in this process. */
final class CommandLineCalls {

    /**
     * What a call left behind.
     *
     * @param status exit code
     * @param out standard output
     * @param err standard error
     */
    record Call(int status, String out, String err) {}

    private CommandLineCalls() {}

    static Call moe(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Call(status, out.toString(), err.toString());
    }
}
