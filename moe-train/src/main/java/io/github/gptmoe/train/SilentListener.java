package io.github.gptmoe.train;

import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.nio.file.Path;

/** Hears a rank that another speaks for. */
final class SilentListener implements TrainListener {
    @Override
    public void message(String text) {}

    @Override
    public void step(TrainingLine line, long totalSteps, double secondsLeft) {}

    @Override
    public void validation(ValidationLine line) {}

    @Override
    public void checkpoint(Path folder) {}

    @Override
    public void packed(long documents, long textBytes, long tokens, double fraction) {}
}
