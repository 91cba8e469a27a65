package io.github.gptmoe.train.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepWorkTest {
    private static RunConfig config(String... sets) {
        return ConfigLoader.parse("profile.yaml", """
                model: {layers: 4, hidden: 32, heads: 4, sequenceLength: 64, vocabulary: 100, experts: [3, 5]}
                data: {train: ["x.txt"], tokenizer: "x.model"}
                train:
                  globalBatch: 6
                  microBatch: 2
                  steps: 5
                  optimizer: {type: adamw, learningRate: 1e-3}
                  schedule: {type: constant}
                """, List.of(sets));
    }

    /** The sections' arithmetic is the model's, split up; only the router is not part of the model's count. */
    @ParameterizedTest
    @ValueSource(strings = {"model.residual=false", "model.residual=true", "model.experts=0", "train.precision=bf16"})
    void theSectionsAddUpToTheModel(String set) {
        RunConfig config = config(set);
        StepWork work = new StepWork(config);
        double sum = Arrays.stream(Section.values())
                .filter(section -> section != Section.ROUTER_FORWARD && section != Section.ROUTER_BACKWARD)
                .mapToDouble(section -> work.of(section).flops())
                .sum();
        double expected = 6.0 * 64 * FlopCount.of(config.model()).perToken();
        assertThat(sum).isCloseTo(expected, within(1e-9 * expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void anUpdateReadsAndWritesEveryParameterOnce(String precision) {
        RunConfig config = config("train.precision=" + precision, "train.gradientPrecision=" + precision);
        double parameters = ParameterCount.of(config.model()).total();
        // Master and two moments in and out, the gradient in, the BF16 copy out.
        double bytes = precision.equals("fp32") ? 6 * 4 + 4 : 6 * 4 + 2 + 2;
        assertThat(new StepWork(config).of(Section.OPTIMIZER).bytes()).isEqualTo(bytes * parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"experts", "ffn_backward", "adamw", "route"})
    void everyListedKernelHasASection(String kernel) {
        assertThat(Section.of(kernel)).isPresent();
        assertThat(Section.of("no_such_kernel")).isEmpty();
    }
}
