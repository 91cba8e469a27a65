package io.github.gptmoe.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.train.optim.LearningRateSchedule.Decay;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    @Test
    void warmUpIsLinearAndReachesThePeak() {
        LearningRateSchedule schedule = new LearningRateSchedule(Decay.COSINE, 1.0, 0.1, 4, 100);
        assertThat(schedule.at(1)).isEqualTo(0.25);
        assertThat(schedule.at(4)).isEqualTo(1.0);
    }

    @Test
    void everyDecayEndsAtTheMinimumExceptConstant() {
        for (Decay decay : Decay.values()) {
            LearningRateSchedule schedule = new LearningRateSchedule(decay, 2.0, 0.5, 10, 110);
            assertThat(schedule.at(10)).isEqualTo(2.0);
            assertThat(schedule.at(60)).isCloseTo(decay == Decay.CONSTANT ? 2.0 : 1.25, within(1e-12));
            assertThat(schedule.at(110)).isCloseTo(decay == Decay.CONSTANT ? 2.0 : 0.5, within(1e-12));
        }
    }

    @Test
    void noWarmUpStartsBelowThePeakByOneStepOfDecay() {
        LearningRateSchedule schedule = new LearningRateSchedule(Decay.LINEAR, 1.0, 0.0, 0, 10);
        assertThat(schedule.at(1)).isCloseTo(0.9, within(1e-12));
        assertThat(schedule.at(10)).isZero();
    }
}
