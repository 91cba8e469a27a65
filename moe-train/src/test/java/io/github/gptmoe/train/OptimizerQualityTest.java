package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every optimizer learns a language whose words have four equally probable successors each: a model that knows it has a loss of
 * ln 4 = 1.386, one that knows nothing ln 64 = 4.159. The bound is a tenth above the 1.549 that
 * AdamW reaches with everything in FP32.
 */
class OptimizerQualityTest {
    private static final int WORDS = 64;
    private static final int STEPS = 150;
    private static final int LAST = 20;
    private static final double BOUND = 1.65;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fp32 | {type: adamw, learningRate: 0.01}",
                "bf16 | {type: adamw, learningRate: 0.01, moments: bf16, masterWeights: none}",
                "bf16 | {type: adamw, learningRate: 0.01, moments: int8}",
                "bf16 | {type: sgd, learningRate: 0.3, nesterov: true, masterWeights: none}",
                "bf16 | {type: adafactor, learningRate: 0.01}",
                // The learning rate of LAMB is relative for matrices and absolute for the others, which want less.
                "bf16 | {type: lamb, learningRate: 0.05, groups: [{pattern: '*.bias', learningRateFactor: 0.1},"
                        + " {pattern: '*norm*', learningRateFactor: 0.1},"
                        + " {pattern: 'position*', learningRateFactor: 0.1}]}",
            })
    void lossIsNearlyThatOfAdamWInFp32(String precision, String optimizer) {
        RunConfig config = TinyRun.config(
                "model.vocabulary=" + WORDS,
                "model.hidden=32",
                "train.globalBatch=8",
                "train.microBatch=8",
                "train.precision=" + precision,
                "train.optimizer=" + optimizer);
        double loss = lastLosses(config);
        assertThat(loss).isLessThan(BOUND);
    }

    private static double lastLosses(RunConfig config) {
        try (TrainingSetup setup = TrainingSetup.of(config)) {
            LearningRateSchedule schedule = LearningRateSchedule.of(
                    config.train().schedule(), config.train().optimizer().learningRate(), STEPS);
            TrainStep step = new TrainStep(setup, config.train(), schedule, OptimizerQualityTest::batch);
            double sum = 0;
            for (int number = 1; number <= STEPS; number++) {
                double loss = step.run(number, 8L * number, 8).lmLoss();
                sum += number > STEPS - LAST ? loss : 0;
            }
            return sum / LAST;
        }
    }

    private static TokenBatch batch(long firstSample, int sequences) {
        int length = 16;
        long[] inputs = new long[sequences * length];
        long[] targets = new long[sequences * length];
        SplittableRandom random = new SplittableRandom(firstSample);
        for (int row = 0; row < sequences; row++) {
            int word = random.nextInt(WORDS);
            for (int i = row * length; i < (row + 1) * length; i++) {
                inputs[i] = word;
                word = (word * 29 + 11 * random.nextInt(4) + 5) % WORDS;
                targets[i] = word;
            }
        }
        return new TokenBatch(firstSample, sequences, length, inputs, targets);
    }
}
