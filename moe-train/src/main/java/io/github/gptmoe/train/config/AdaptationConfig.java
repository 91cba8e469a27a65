package io.github.gptmoe.train.config;

import java.util.Map;

/**
 * A continued pretraining on the text of tasks. The model and its tokenizer are those of the checkpoint it starts from, the data
 * follows from the tasks, so neither is named here.
 *
 * @param adapt which texts and pseudo labels, and what the loss is made of
 * @param train how each round is trained; {@code steps} are those of one round, and are replaced where {@code adapt.epochs}
 *     is above 0
 * @param checkpoint when a round is saved
 * @param report what a round shows at its end
 */
public record AdaptationConfig(AdaptConfig adapt, TrainConfig train, CheckpointConfig checkpoint, ReportConfig report) {

    /**
     * Fills in the optional sections.
     *
     * @param adapt as above
     * @param train as above
     * @param checkpoint as above
     * @param report as above
     */
    public AdaptationConfig {
        adapt = adapt == null ? AdaptConfig.defaults() : adapt;
        checkpoint = checkpoint == null ? CheckpointConfig.defaults() : checkpoint;
        report = report == null ? ReportConfig.defaults() : report;
    }

    /**
     * Everything wrong with this configuration.
     *
     * @return key from the top of the file, such as {@code adapt.epochs}, to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        return new Rules()
                .section("adapt", adapt.problems())
                .section("train", train.problems())
                .section("checkpoint", checkpoint.problems())
                .section("report", report.problems())
                .problems();
    }
}
