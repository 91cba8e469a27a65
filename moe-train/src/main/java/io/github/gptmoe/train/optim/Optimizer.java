package io.github.gptmoe.train.optim;

import java.util.List;

/** Changes some shards of parameters by their gradients. It keeps state for these shards only. */
public interface Optimizer {
    /**
     * Makes one update.
     *
     * @param number of this update, from 1: the t of bias corrections
     * @param learningRate step size
     * @param clip factor on every gradient, at most 1
     */
    void update(long number, double learningRate, double clip);

    /**
     * Everything but the number of updates that has to be in a checkpoint for training to go on with the same bits.
     *
     * @return in the order of the shards; the arrays are the optimizer's own, and loading into them is allowed
     */
    List<StateShard> state();
}
