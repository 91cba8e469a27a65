package io.github.gptmoe.train.optim;

import java.util.List;

/** The optimizers of all that a rank updates, and how often they did. */
public final class Updates {
    private final List<Optimizer> optimizers;
    private final PartOrder order;
    private long count;

    /**
     * Begins with none made.
     *
     * @param optimizers one for each part of what is updated
     * @param order how the parts follow each other
     */
    public Updates(List<Optimizer> optimizers, PartOrder order) {
        this.optimizers = List.copyOf(optimizers);
        this.order = order;
    }

    /**
     * Updates every parameter from its gradient.
     *
     * @param learningRate step size
     * @param clip factor on every gradient, at most 1
     */
    public void update(double learningRate, double clip) {
        begin();
        updateParts(0, optimizers.size(), learningRate, clip);
    }

    /** Begins an update that is made part by part. */
    public void begin() {
        count++;
    }

    /**
     * Makes some parts of the update that has begun.
     *
     * @param first index of the first part's optimizer
     * @param end index after the last's
     * @param learningRate step size
     * @param clip factor on every gradient, at most 1
     */
    public void updateParts(int first, int end, double learningRate, double clip) {
        order.run(first, end, part -> optimizers.get(part).update(count, learningRate, clip));
    }

    /**
     * The state of all optimizers.
     *
     * @return in their order
     */
    public List<StateShard> state() {
        return optimizers.stream()
                .flatMap(optimizer -> optimizer.state().stream())
                .toList();
    }

    /**
     * Updates so far; skipped steps do not count.
     *
     * @return the t of bias corrections
     */
    public long count() {
        return count;
    }

    /**
     * Continues from a checkpoint whose tensors have been loaded into {@link #state}.
     *
     * @param updatesSoFar value of {@link #count} when the checkpoint was written
     */
    public void resume(long updatesSoFar) {
        count = updatesSoFar;
    }
}
