package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleProgressTest {

    private static TrainingLine line(long step, double maxOverMean, double dropped, boolean skipped) {
        return new TrainingLine(
                step,
                4096,
                5.25,
                5.2,
                1.1,
                0,
                2e-3,
                0.931,
                3120.4,
                45.2,
                0.314,
                3L << 29,
                new TrainingLine.ExpertLoad(maxOverMean, dropped),
                skipped,
                0.001,
                skipped ? 65536.0 : null);
    }

    private static String shown(int columns) {
        StringWriter err = new StringWriter();
        ConsoleProgress progress = new ConsoleProgress(new PrintWriter(err, true), columns, new StopRequest());
        progress.packed(12, 3400, 1100, 1);
        progress.packed(12, 3400, 1100, 1);
        progress.step(line(1, 1.8, 0, false), 3, 125);
        progress.step(line(2, 0, 0.015, true), 3, 4000);
        progress.validation(new ValidationLine(2, 4.5, 90.017, 1.23456));
        progress.step(line(3, 1.8, 0, false), 3, 0);
        progress.checkpoint(Path.of("step-3"));
        return err.toString();
    }

    private static final String FIRST =
            "step 1/3  ETA 2:05  loss 5.2500  lr 2.00e-03  norm 0.93  3,120 tok/s  45 GFLOP/s"
                    + "  MFU 0.31  1.5 GiB  load 1.80";
    private static final String SECOND =
            "step 2/3  ETA 1:06:40  loss 5.2500  lr 2.00e-03  norm 0.93  3,120 tok/s  45 GFLOP/s"
                    + "  MFU 0.31  1.5 GiB  dropped 1.5 %  scale 65536  skipped";
    private static final String THIRD = FIRST.replace("1/3", "3/3").replace("2:05", "0:00");
    private static final String VALIDATION = "step 2  validation loss 4.5000  perplexity 90.0  bits per byte 1.235";

    @Test
    void oneLineAnEventWhereThereIsNoTerminal() {
        assertThat(shown(0))
                .isEqualTo(String.join(
                        "\n",
                        "packing text: 100 %  12 documents  1,100 tokens",
                        FIRST,
                        SECOND,
                        VALIDATION,
                        THIRD,
                        "checkpoint step-3",
                        ""));
    }

    @Test
    void oneLineRewrittenOnATerminal() {
        String erase = "\r\033[K";
        assertThat(shown(200))
                .isEqualTo(erase + "packing text: 100 %  12 documents  1,100 tokens\n"
                        + erase + FIRST
                        + erase + SECOND + "\n"
                        + erase + VALIDATION + "\n"
                        + erase + THIRD + "\n"
                        + erase + "checkpoint step-3\n");
    }

    @Test
    void rewrittenLinesNeverWrap() {
        assertThat(shown(40))
                .contains("\r\033[K" + FIRST.substring(0, 39) + "\r")
                .contains(SECOND + "\n");
    }

    @Test
    void aStopEndsUnfinishedPackingOnly() {
        StopRequest stop = new StopRequest();
        ConsoleProgress progress = new ConsoleProgress(new PrintWriter(new StringWriter()), 0, stop);
        progress.packed(1, 2, 3, 0.5);
        stop.request();
        assertThatThrownBy(() -> progress.packed(1, 2, 3, 0.6)).isInstanceOf(StoppedException.class);
        progress.packed(2, 4, 6, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0:00",
        "59.6, 1:00",
        "3599, 59:59",
        "3600, 1:00:00",
        "NaN, unknown",
        "Infinity, unknown",
        "-1, unknown"
    })
    void durations(double seconds, String text) {
        assertThat(ConsoleProgress.duration(seconds)).isEqualTo(text);
    }
}
