package io.github.gptmoe.train.lossscale;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.TrainConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LossScalerTest {
    private static TrainConfig train(String... sets) {
        String yaml = """
                model: {layers: 1, hidden: 8, heads: 1, sequenceLength: 4, vocabulary: 9}
                data: {train: text.txt, tokenizer: text.model}
                train: {globalBatch: 1, microBatch: 1, steps: 1, optimizer: {learningRate: 1e-3}}
                """;
        return ConfigLoader.parse("run.yaml", yaml, List.of(sets)).train();
    }

    private static LossScaler small(int hysteresis) {
        return LossScaler.of(train(
                "train.precision=fp16",
                "train.lossScale={initial: 4, growthInterval: 3, minimum: 2, hysteresis: " + hysteresis + "}"));
    }

    @Test
    void otherPrecisionsAreNotScaled() {
        LossScaler scaler = LossScaler.of(train("train.precision=bf16"));
        scaler.update(true);
        scaler.update(true);
        scaler.restore(Map.of("lossScale.scale", "8.0"));
        assertThat(scaler.isDynamic()).isFalse();
        assertThat(scaler.scale()).isEqualTo(1);
        assertThat(scaler.isExhausted()).isFalse();
        assertThat(scaler.state()).isEmpty();
    }

    @Test
    void anOverflowAtTheMinimumAfterTheHysteresisIsTheEnd() {
        LossScaler scaler = small(2);
        for (double scale : new double[] {4, 4, 2}) {
            assertThat(scaler.scale()).isEqualTo(scale);
            assertThat(scaler.isExhausted()).isFalse();
            scaler.update(true);
        }
        assertThat(scaler.isExhausted()).isTrue();
        LossScaler recovered = small(2);
        for (boolean overflow : new boolean[] {true, true, false, false, false, true, true}) {
            recovered.update(overflow);
        }
        assertThat(recovered.scale()).isEqualTo(2);
        assertThat(recovered.isExhausted()).isFalse();
    }

    /** Random overflows; the scaler is replaced by one that is told the state, after every step of the sequence. */
    @Test
    void goesOnFromAnyCheckpointAsIfNothingHadHappened() {
        Random random = new Random(4);
        List<Boolean> overflows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            overflows.add(random.nextInt(3) == 0);
        }
        LossScaler whole = small(2);
        List<Double> expected = new ArrayList<>();
        for (boolean overflow : overflows) {
            expected.add(whole.scale());
            whole.update(overflow);
        }
        assertThat(new TreeSet<>(expected)).hasSizeGreaterThan(2);
        for (int stop = 0; stop < overflows.size(); stop++) {
            LossScaler scaler = small(2);
            List<Double> scales = new ArrayList<>();
            for (int step = 0; step < overflows.size(); step++) {
                if (step == stop) {
                    Map<String, String> extra = new HashMap<>(scaler.state());
                    extra.put("other", "1");
                    scaler = small(2);
                    scaler.restore(extra);
                }
                scales.add(scaler.scale());
                scaler.update(overflows.get(step));
            }
            assertThat(scales).as("stopped before step %d", stop).isEqualTo(expected);
        }
    }

    @Test
    void aCheckpointOfAnotherPrecisionHasNoScaleToGoOnWith() {
        LossScaler scaler = small(1);
        scaler.restore(Map.of("nonFiniteSteps", "0"));
        assertThat(scaler.scale()).isEqualTo(4);
        scaler.restore(Map.of("lossScale.scale", "1.0", "lossScale.cleanSteps", "0", "lossScale.credit", "0"));
        assertThat(scaler.scale()).as("a minimum raised since").isEqualTo(2);
    }
}
