package io.github.gptmoe.cli;

import io.github.gptmoe.eval.zeroshot.ZeroShotListener;
import java.io.PrintWriter;
import java.util.Locale;

/** Progress of an evaluation on standard error: a line that is rewritten on a terminal, a line a split anywhere else. */
final class TaskProgress implements ZeroShotListener {
    private final PrintWriter err;
    private final int columns;

    TaskProgress(PrintWriter err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    @Override
    public void message(String text) {
        err.println(columns > 0 ? ConsoleProgress.ERASE_LINE + text : text);
        err.flush();
    }

    @Override
    public void scored(String task, String split, int done, int rows) {
        String text = String.format(Locale.ROOT, "%s, %s: %,d of %,d rows", task, split, done, rows);
        if (done == rows) {
            message(text);
        } else if (columns > 0) {
            err.print(ConsoleProgress.ERASE_LINE + text);
            err.flush();
        }
    }
}
