package io.github.gptmoe.cli;

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

    private static final String ERASE_LINE = "\r\033[K";
    private static final double GIB = 1L << 30;

    private final PrintWriter err;
    private final boolean terminal;

    ConsoleProgress(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    @Override
    public void packed(long documents, long textBytes, long tokens, double fraction) {
        rewritable(String.format(
                Locale.ROOT, "packing text: %3.0f %%  %,d documents  %,d tokens", 100 * fraction, documents, tokens));
        if (fraction >= 1) {
            keep();
        }
    }

    @Override
    public void message(String text) {
        lasting(text);
    }

    @Override
    public void step(TrainingLine line, long totalSteps, double secondsLeft) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "step %d/%d  loss %.4f  lr %.2e  norm %.2f  %,.0f tok/s  %,.0f GFLOP/s",
                line.step(),
                totalSteps,
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
        text.append(line.skipped() ? "  skipped" : "").append("  ETA ").append(duration(secondsLeft));
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
        if (terminal) {
            err.print(ERASE_LINE + text);
            err.flush();
        } else {
            err.println(text);
        }
    }

    private synchronized void lasting(String text) {
        err.println(terminal ? ERASE_LINE + text : text);
    }

    private synchronized void keep() {
        if (terminal) {
            err.println();
        }
    }
}
