package io.github.gptmoe.cli;

import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.TrainListener;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Progress of a run on standard error: one line that is rewritten on a terminal, one line an event anywhere else.
 *
 * <p>Only the training thread and the signal thread call it, the latter once; hence the lock.
 */
final class ConsoleProgress implements TrainListener {

    static final String ERASE_LINE = "\r\033[K";
    private static final long QUIET_NANOS = 10_000_000_000L; // A log file needs no line every second.
    private static final double GIB = 1L << 30;

    private final PrintWriter err;
    private final int columns;
    private final StopRequest stop;
    private String lastPacking = "";
    private long lastPackingNanos = System.nanoTime();

    /**
     * Writes to a stream.
     *
     * @param columns width of the terminal behind it; 0 for a file or pipe
     * @param stop ends packing when it is made; training looks after it by itself
     */
    ConsoleProgress(PrintWriter err, int columns, StopRequest stop) {
        this.err = err;
        this.columns = columns;
        this.stop = stop;
    }

    @Override
    public void packed(long documents, long textBytes, long tokens, double fraction) {
        // Finished packing is worth keeping, even if nothing follows.
        if (fraction < 1 && stop.requested()) {
            throw new StoppedException();
        }
        String text = String.format(
                Locale.ROOT, "packing text: %3.0f %%  %,d documents  %,d tokens", 100 * fraction, documents, tokens);
        if (fraction >= 1) {
            if (!text.equals(lastPacking)) {
                lasting(text);
            }
        } else if (columns > 0 || System.nanoTime() - lastPackingNanos > QUIET_NANOS) {
            lastPackingNanos = System.nanoTime();
            rewritable(text);
        }
        lastPacking = text;
    }

    @Override
    public void message(String text) {
        lasting(text);
    }

    @Override
    public void step(TrainingLine line, long totalSteps, double secondsLeft) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "step %d/%d  ETA %s  loss %.4f  lr %.2e  norm %.2f  %,.0f tok/s  %,.0f GFLOP/s",
                line.step(),
                totalSteps,
                duration(secondsLeft),
                line.loss(),
                line.learningRate(),
                line.gradNorm(),
                line.tokensPerSecond(),
                line.gflops()));
        text.append(String.format(Locale.ROOT, "  MFU %.2f", line.mfu()));
        if (line.residentBytes() > 0) {
            text.append(String.format(Locale.ROOT, "  %.1f GiB", line.residentBytes() / GIB));
        }
        if (line.expertLoad().maxOverMean() > 0) {
            text.append(
                    String.format(Locale.ROOT, "  load %.2f", line.expertLoad().maxOverMean()));
        }
        if (line.expertLoad().dropped() > 0) {
            text.append(String.format(
                    Locale.ROOT, "  dropped %.1f %%", 100 * line.expertLoad().dropped()));
        }
        if (line.lossScale() != null) {
            text.append(String.format(Locale.ROOT, "  scale %.0f", line.lossScale()));
        }
        text.append(line.skipped() ? "  skipped" : "");
        if (line.skipped() || line.step() == totalSteps) {
            lasting(text.toString());
        } else {
            rewritable(text.toString());
        }
    }

    @Override
    public void validation(ValidationLine line) {
        lasting(String.format(
                Locale.ROOT,
                "step %d  validation loss %.4f  perplexity %.1f  bits per byte %.3f",
                line.step(),
                line.validationLoss(),
                line.perplexity(),
                line.bitsPerByte()));
    }

    @Override
    public void checkpoint(Path folder) {
        lasting("checkpoint " + folder);
    }

    /** Hours, minutes and seconds: 1:02:03 or 2:03. */
    static String duration(double seconds) {
        if (!(seconds >= 0) || seconds > Integer.MAX_VALUE) {
            return "unknown";
        }
        long whole = Math.round(seconds);
        long hours = whole / 3600;
        long minutes = whole / 60 % 60;
        return hours > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", hours, minutes, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d", minutes, whole % 60);
    }

    private synchronized void rewritable(String text) {
        if (columns > 0) {
            // A line that wraps could not be rewritten. Its end matters least.
            err.print(ERASE_LINE + text.substring(0, Math.min(text.length(), columns - 1)));
            err.flush();
        } else {
            err.println(text);
        }
    }

    private synchronized void lasting(String text) {
        err.println(columns > 0 ? ERASE_LINE + text : text);
    }
}
