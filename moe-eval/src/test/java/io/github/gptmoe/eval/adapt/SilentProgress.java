package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.train.TrainListener;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.nio.file.Path;

/** Hears and says nothing. */
final class SilentProgress implements TrainListener {
    @Override
    public void message(String text) {}

    @Override
    public void packed(long documents, long textBytes, long tokens, double fraction) {}

    @Override
    public void step(TrainingLine line, long totalSteps, double secondsLeft) {}

    @Override
    public void validation(ValidationLine line) {}

    @Override
    public void checkpoint(Path folder) {}
}
