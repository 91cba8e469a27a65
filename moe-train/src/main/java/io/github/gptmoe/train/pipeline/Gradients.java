package io.github.gptmoe.train.pipeline;

import io.github.gptmoe.core.model.GradientStore;
import io.github.gptmoe.core.model.Stage;

/**
 * Where a step's gradients are collected. The first micro-batch of a step overwrites what was there, the others add: clearing
 * would be one more pass over memory a step.
 */
public interface Gradients extends GradientStore {
    /**
     * Begins a step: what is held is forgotten.
     *
     * @param microBatches how many this rank will run
     */
    void begin(int microBatches);

    /** Begins a micro-batch. */
    void beginMicroBatch();

    /**
     * Tells that all gradients of a stage are there, for this micro-batch. After the last one they may be summed over ranks.
     *
     * @param stage the stage that backward has gone through
     */
    void complete(Stage stage);

    /** Ends a step: sums over the ranks that are still under way are finished. */
    void end();
}
