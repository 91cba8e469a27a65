package io.github.gptmoe.train;

import io.github.gptmoe.data.PackProgress;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.nio.file.Path;

/** Hears what a run does, on the training thread; whoever shows progress implements it. */
public interface TrainListener extends PackProgress {
    /**
     * Something a person should read once, such as what was chosen by default or skipped.
     *
     * @param text one or several lines
     */
    void message(String text);

    /**
     * A step was made and logged.
     *
     * @param line its metrics
     * @param totalSteps steps of the whole run
     * @param secondsLeft estimate for the rest of the run
     */
    void step(TrainingLine line, long totalSteps, double secondsLeft);

    /**
     * An evaluation was made.
     *
     * @param line its metrics
     */
    void validation(ValidationLine line);

    /**
     * A checkpoint is on the disk.
     *
     * @param folder its folder
     */
    void checkpoint(Path folder);
}
