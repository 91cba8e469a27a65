package io.github.gptmoe.cli;

import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.train.StopRequest;
import java.io.PrintWriter;
import java.util.Locale;

/** Progress of a pass over text on standard error; ends the pass when a stop was asked for. One calling thread. */
final class PassProgress implements CorpusProgress {
    private static final long BRIEF_NANOS = 200_000_000L;
    private static final long QUIET_NANOS = 10_000_000_000L; // A log file needs no line every second.

    private final PrintWriter err;
    private final int columns;
    private final StopRequest stop = new StopRequest();
    private long last = System.nanoTime();

    PassProgress(PrintWriter err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    /** Listens to signals from now on. */
    PassProgress connected() {
        StopSignals.connect(stop::request, "Stopping: files that are done stay. Again to stop at once.", err::println);
        return this;
    }

    @Override
    public void at(String phase, long documents, double fraction) {
        if (fraction < 1 && stop.requested()) {
            throw new StoppedException("stopped; files that are done stay, and the same call goes on");
        }
        String text = String.format(Locale.ROOT, "%s: %3.0f %%  %,d documents", phase, 100 * fraction, documents);
        if (fraction >= 1) {
            err.println(columns > 0 ? ConsoleProgress.ERASE_LINE + text : text);
        } else if (System.nanoTime() - last > (columns > 0 ? BRIEF_NANOS : QUIET_NANOS)) {
            last = System.nanoTime();
            if (columns > 0) {
                err.print(ConsoleProgress.ERASE_LINE + text.substring(0, Math.min(text.length(), columns - 1)));
                err.flush();
            } else {
                err.println(text);
            }
        }
    }
}
