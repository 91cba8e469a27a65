package io.github.gptmoe.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.train.optim.LearningRateSchedule.Decay;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    @Test
    void warmUpIsLinearAndReachesThePeak() {
        LearningRateSchedule schedule = new LearningRateSchedule(Decay.COSINE, 1.0, 0.1, 4, 100, 0.2);
        assertThat(schedule.at(1)).isEqualTo(0.25);
        assertThat(schedule.at(4)).isEqualTo(1.0);
    }

    @Test
    void cosineAndLineEndAtTheMinimumAndPassHalfWay() {
        for (Decay decay : List.of(Decay.COSINE, Decay.LINEAR, Decay.CONSTANT)) {
            LearningRateSchedule schedule = new LearningRateSchedule(decay, 2.0, 0.5, 10, 110, 0.2);
            assertThat(schedule.at(10)).isEqualTo(2.0);
            assertThat(schedule.at(60)).isCloseTo(decay == Decay.CONSTANT ? 2.0 : 1.25, within(1e-12));
            assertThat(schedule.at(110)).isCloseTo(decay == Decay.CONSTANT ? 2.0 : 0.5, within(1e-12));
        }
    }

    @Test
    void noWarmUpStartsBelowThePeakByOneStepOfDecay() {
        LearningRateSchedule schedule = new LearningRateSchedule(Decay.LINEAR, 1.0, 0.0, 0, 10, 0.2);
        assertThat(schedule.at(1)).isCloseTo(0.9, within(1e-12));
        assertThat(schedule.at(10)).isZero();
    }

    @Test
    void everyDecayStartsAtThePeakAndFallsWithoutJumps() {
        for (Decay decay : Decay.values()) {
            LearningRateSchedule schedule = new LearningRateSchedule(decay, 2.0, 0.5, 1000, 20_000, 0.3);
            assertThat(schedule.at(1000)).as("%s", decay).isEqualTo(2.0);
            for (long step = 1001; step <= 20_000; step++) {
                double fall = schedule.at(step - 1) - schedule.at(step);
                // The root of warmup-stable-decay falls fastest in its first step: by sqrt(1 / 5,700) of 1.5.
                assertThat(fall).as("%s, step %d", decay, step).isBetween(-1e-12, 0.02);
            }
            assertThat(schedule.at(20_000)).as("%s", decay).isGreaterThanOrEqualTo(0.5 - 1e-12);
        }
    }

    @Test
    void inverseSquareRootHalvesWhenTheStepIsFourfold() {
        LearningRateSchedule schedule = new LearningRateSchedule(Decay.INVERSE_SQRT, 1.0, 0.3, 100, 1000, 0.2);
        assertThat(schedule.at(400)).isCloseTo(0.5, within(1e-12));
        assertThat(schedule.at(1000)).isCloseTo(Math.sqrt(0.1), within(1e-12));
        assertThat(schedule.at(2000)).isEqualTo(0.3); // a longer run stays at the minimum
        assertThat(new LearningRateSchedule(Decay.INVERSE_SQRT, 1.0, 0, 0, 1000, 0.2).at(4))
                .isEqualTo(0.5);
    }

    @Test
    void warmUpStableDecayFallsInTheLastPartOnly() {
        LearningRateSchedule schedule = new LearningRateSchedule(Decay.WARMUP_STABLE_DECAY, 1.0, 0.2, 10, 110, 0.25);
        assertThat(schedule.at(11)).isEqualTo(1.0);
        assertThat(schedule.at(85)).isCloseTo(1.0, within(1e-12));
        assertThat(schedule.at(86)).isCloseTo(0.2 + 0.8 * (1 - Math.sqrt(0.04)), within(1e-12));
        assertThat(schedule.at(110)).isCloseTo(0.2, within(1e-12));
    }
}
