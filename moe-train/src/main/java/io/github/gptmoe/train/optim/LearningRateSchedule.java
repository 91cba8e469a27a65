package io.github.gptmoe.train.optim;

import io.github.gptmoe.train.config.ScheduleConfig;
import java.util.Locale;

/**
 * Learning rate by step: linear warm-up from {@code peak / warmupSteps} to the peak, then a decay to the minimum at the last
 * step. A pure function, so a resumed run continues exactly.
 *
 * @param decay shape of the decay
 * @param peak highest learning rate
 * @param minimum learning rate of the last step
 * @param warmupSteps steps of linear increase; 0 for none
 * @param totalSteps steps of the whole run
 */
public record LearningRateSchedule(Decay decay, double peak, double minimum, long warmupSteps, long totalSteps) {
    /** Shape of the decay, as a function of the share p of the decay that is over, from 1 at p = 0 to 0 at p = 1. */
    public enum Decay {
        /** {@code (1 + cos(pi p)) / 2} (Loshchilov and Hutter 2017). */
        COSINE {
            @Override
            double factor(double share) {
                return (1 + Math.cos(Math.PI * share)) / 2;
            }
        },
        /** {@code 1 - p}. */
        LINEAR {
            @Override
            double factor(double share) {
                return 1 - share;
            }
        },
        /** No decay. */
        CONSTANT {
            @Override
            double factor(double share) {
                return 1;
            }
        };

        abstract double factor(double share);
    }

    /**
     * Reads a configuration.
     *
     * @param config the schedule
     * @param peak the optimizer's learning rate
     * @param totalSteps steps of the whole run
     * @return the schedule
     */
    public static LearningRateSchedule of(ScheduleConfig config, double peak, long totalSteps) {
        Decay decay = Decay.valueOf(config.type().toUpperCase(Locale.ROOT));
        return new LearningRateSchedule(decay, peak, config.minimumLearningRate(), config.warmupSteps(), totalSteps);
    }

    /**
     * The learning rate of a step.
     *
     * @param step from 1
     * @return learning rate
     */
    public double at(long step) {
        if (step <= warmupSteps) {
            return peak * step / warmupSteps;
        }
        double share = Math.min(1, (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
        return minimum + (peak - minimum) * decay.factor(share);
    }
}
