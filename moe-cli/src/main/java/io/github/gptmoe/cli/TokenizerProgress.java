package io.github.gptmoe.cli;

import io.github.gptmoe.data.bpe.BpeProgress;
import io.github.gptmoe.train.StopRequest;
import java.io.PrintWriter;
import java.util.Locale;

/** Progress of work on a tokenizer on standard error: a line that is rewritten on a terminal, a line now and then elsewhere. */
final class TokenizerProgress implements BpeProgress {
    private static final long TERMINAL_NANOS = 200_000_000L;
    private static final long QUIET_NANOS = 10_000_000_000L; // A log file needs no line every second.
    private static final int BAR = 20;

    private final PrintWriter err;
    private final int columns;
    private final StopRequest stop;
    private long lastNanos = System.nanoTime();

    TokenizerProgress(PrintWriter err, int columns, StopRequest stop) {
        this.err = err;
        this.columns = columns;
        this.stop = stop;
    }

    @Override
    public void read(long sentences, double fraction) {
        if (isDue(fraction >= 1)) {
            tell(
                    String.format(
                            Locale.ROOT,
                            "reading  %s %3.0f %%  %,d sentences",
                            bar(fraction),
                            100 * fraction,
                            sentences),
                    fraction >= 1);
        }
    }

    @Override
    public void merged(int pieces, int wanted) {
        if (isDue(pieces == wanted)) {
            double fraction = (double) pieces / wanted;
            tell(
                    String.format(
                            Locale.ROOT, "merging  %s %3.0f %%  %,d pieces", bar(fraction), 100 * fraction, pieces),
                    pieces == wanted);
        }
    }

    /** A line that stays. */
    void message(String text) {
        err.println(columns > 0 ? ConsoleProgress.ERASE_LINE + text : text);
    }

    private boolean isDue(boolean last) {
        if (stop.requested()) {
            throw new StoppedException("stopped while working on a tokenizer");
        }
        return last || System.nanoTime() - lastNanos > (columns > 0 ? TERMINAL_NANOS : QUIET_NANOS);
    }

    private static String bar(double fraction) {
        int filled = (int) Math.round(BAR * fraction);
        return "[" + "#".repeat(filled) + ".".repeat(BAR - filled) + "]";
    }

    private void tell(String text, boolean lasting) {
        lastNanos = System.nanoTime();
        if (columns == 0) {
            err.println(text);
        } else if (lasting) {
            err.println(ConsoleProgress.ERASE_LINE + text);
        } else {
            err.print(ConsoleProgress.ERASE_LINE + text.substring(0, Math.min(text.length(), columns - 1)));
            err.flush();
        }
    }
}
