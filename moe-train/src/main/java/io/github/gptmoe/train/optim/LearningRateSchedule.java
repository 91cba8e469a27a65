package io.github.gptmoe.train.optim;

import io.github.gptmoe.train.config.ScheduleConfig;
import java.util.Locale;

/**
 * Learning rate by step: linear warm-up from {@code peak / warmupSteps} to the peak, then what the decay says. A pure function,
 * so a resumed run continues exactly.
 *
 * @param decay shape of the decay
 * @param peak highest learning rate
 * @param minimum learning rate that decays end at, or do not go below
 * @param warmupSteps steps of linear increase; 0 for none
 * @param totalSteps steps of the whole run
 * @param decayShare share of the steps after the warm-up in which {@link Decay#WARMUP_STABLE_DECAY} goes down
 */
public record LearningRateSchedule(
        Decay decay, double peak, double minimum, long warmupSteps, long totalSteps, double decayShare) {
    /** What follows the warm-up; p is the share of the later steps that is over. */
    public enum Decay {
        /** From peak to minimum as {@code (1 + cos(pi p)) / 2} (Loshchilov and Hutter, 2017, "SGDR"). */
        COSINE {
            @Override
            double rate(LearningRateSchedule schedule, long step) {
                return schedule.between((1 + Math.cos(Math.PI * schedule.share(step))) / 2);
            }
        },
        /** From peak to minimum as {@code 1 - p}. */
        LINEAR {
            @Override
            double rate(LearningRateSchedule schedule, long step) {
                return schedule.between(1 - schedule.share(step));
            }
        },
        /** The peak. */
        CONSTANT {
            @Override
            double rate(LearningRateSchedule schedule, long step) {
                return schedule.peak;
            }
        },
        /**
         * {@code peak sqrt(warmupSteps / step)}, not below the minimum (Vaswani et al., 2017, "Attention is all you need",
         * section 5.3). It does not know the end of the run, so a run can be made longer.
         */
        INVERSE_SQRT {
            @Override
            double rate(LearningRateSchedule schedule, long step) {
                double warmup = Math.max(1, schedule.warmupSteps);
                return Math.max(schedule.minimum, schedule.peak * Math.sqrt(warmup / step));
            }
        },
        /**
         * The peak, then over the last {@code decayShare} from peak to minimum as {@code 1 - sqrt(q)}, q being the share of
         * that part that is over (Hu et al., 2024, "MiniCPM"; the square root: Haegele et al., 2024, "Scaling laws and
         * compute-optimal training beyond fixed training durations", section 4).
         */
        WARMUP_STABLE_DECAY {
            @Override
            double rate(LearningRateSchedule schedule, long step) {
                double over = (schedule.share(step) - (1 - schedule.decayShare)) / schedule.decayShare;
                return schedule.between(1 - Math.sqrt(Math.max(0, over)));
            }
        };

        abstract double rate(LearningRateSchedule schedule, long step);
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
        Decay decay = Decay.valueOf(config.type().toUpperCase(Locale.ROOT).replace('-', '_'));
        return new LearningRateSchedule(
                decay, peak, config.minimumLearningRate(), config.warmupSteps(), totalSteps, config.decayShare());
    }

    /**
     * The same learning rate in every step.
     *
     * @param rate learning rate
     * @return a schedule without warm-up and decay
     */
    public static LearningRateSchedule constant(double rate) {
        return new LearningRateSchedule(Decay.CONSTANT, rate, rate, 0, Long.MAX_VALUE, 1);
    }

    /**
     * The learning rate of a step.
     *
     * @param step from 1
     * @return learning rate
     */
    public double at(long step) {
        return step <= warmupSteps ? peak * step / warmupSteps : decay.rate(this, step);
    }

    private double share(long step) {
        return Math.min(1, (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    }

    private double between(double factor) {
        return minimum + (peak - minimum) * factor;
    }
}
