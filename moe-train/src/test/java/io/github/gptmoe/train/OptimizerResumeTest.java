package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an optimizer says is its state is all that has to be in a checkpoint. */
class OptimizerResumeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{type: adamw, learningRate: 0.01, moments: bf16}",
                "{type: adamw, learningRate: 0.01, moments: int8}",
                "{type: lamb, learningRate: 0.01}",
                "{type: sgd, learningRate: 0.1}",
                "{type: adafactor, learningRate: 0.01, beta1: 0.9}",
            })
    void aStoppedRunContinuesBitForBit(String optimizer, @TempDir Path folder) {
        RunConfig config = TinyRun.config("train.precision=bf16", "train.optimizer=" + optimizer);
        List<Double> whole = TinyRun.train(config, folder.resolve("whole")).losses();
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == 6) {
                stop.request();
            }
        });
        Path run = folder.resolve("parts");
        assertThat(TinyRun.train(config, run, before, stop).finished()).isFalse();
        TinyRun.Heard after = TinyRun.train(config, run);
        List<Double> joined = new ArrayList<>(before.losses());
        joined.addAll(after.losses());
        assertThat(joined).isEqualTo(whole);
    }
}
