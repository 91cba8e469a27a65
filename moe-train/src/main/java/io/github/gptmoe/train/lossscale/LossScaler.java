package io.github.gptmoe.train.lossscale;

import io.github.gptmoe.train.config.LossScaleConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The loss scale of a run: dynamic in FP16, 1 in other precisions. It follows from the overflows alone, so ranks that agree on
 * the gradient norm each keep one of their own and agree on the scale. For one thread.
 */
public final class LossScaler {
    private static final String SCALE = "lossScale.scale";
    private static final String CLEAN_STEPS = "lossScale.cleanSteps";
    private static final String CREDIT = "lossScale.credit";

    private final @Nullable LossScaleConfig config;
    private @Nullable LossScale state;
    private boolean exhausted;

    private LossScaler(@Nullable LossScaleConfig config) {
        this.config = config;
        this.state = config == null ? null : LossScale.initial(config);
    }

    /**
     * The scaler that a training needs.
     *
     * @param train its precision and {@code lossScale}
     * @return a dynamic one for FP16, else one that does nothing
     */
    public static LossScaler of(TrainConfig train) {
        return new LossScaler(train.lossScale());
    }

    /**
     * Whether the loss is scaled at all.
     *
     * @return true in FP16
     */
    public boolean isDynamic() {
        return state != null;
    }

    /**
     * What the loss of the next step is multiplied by, and its gradients are to be divided by.
     *
     * @return at least 1; 1 where nothing is scaled
     */
    public double scale() {
        return state == null ? 1 : state.scale();
    }

    /**
     * Tells how a step ended; not to be called for a step whose loss was not finite already, which no scale can help.
     *
     * @param overflow whether its gradient was not finite
     */
    public void update(boolean overflow) {
        if (config == null || state == null) {
            return;
        }
        exhausted |= overflow && state.isLastResort(config);
        state = state.after(overflow, config);
    }

    /**
     * Whether gradients have overflowed at the minimum, after the hysteresis: the run has diverged.
     *
     * @return true from then on
     */
    public boolean isExhausted() {
        return exhausted;
    }

    /**
     * What a checkpoint has to keep.
     *
     * @return entries for {@link io.github.gptmoe.train.checkpoint.TrainingState#extra}; none where nothing is scaled
     */
    public Map<String, String> state() {
        LossScale now = state;
        return now == null
                ? Map.of()
                : Map.of(
                        SCALE, Double.toString(now.scale()),
                        CLEAN_STEPS, Integer.toString(now.cleanSteps()),
                        CREDIT, Integer.toString(now.credit()));
    }

    /**
     * Goes on where a checkpoint was written. One of a run in another precision has no scale, so this one begins.
     *
     * @param extra entries of {@link #state} among others
     */
    public void restore(Map<String, String> extra) {
        String scale = extra.get(SCALE);
        LossScaleConfig now = config;
        if (now != null && scale != null) {
            state = new LossScale(
                    Math.max(Double.parseDouble(scale), now.minimum()),
                    Integer.parseInt(extra.getOrDefault(CLEAN_STEPS, "0")),
                    Integer.parseInt(extra.getOrDefault(CREDIT, now.hysteresis().toString())));
        }
    }
}
