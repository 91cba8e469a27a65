package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerConfigTest {
    private static final List<ParameterGroupConfig> GROUPS = List.of(new ParameterGroupConfig("*", 0.5, null));

    private static final String COMMON =
            "learningRate: 2, masterWeights: none, groups: [{pattern: \"*\", learningRateFactor: 0.5}]";

    /** Defaults, every key with another value, and that as written. */
    static Stream<Arguments> types() {
        return Stream.of(
                Arguments.of(
                        new AdamWConfig(1.0, 0.9, 0.95, 1e-8, 0.1, "fp32", "fp32", List.of()),
                        new AdamWConfig(2.0, 0.8, 0.9, 1e-7, 0.2, "int8", "none", GROUPS),
                        "type: adamw, beta1: 0.8, beta2: 0.9, epsilon: 1e-7, weightDecay: 0.2, moments: int8"),
                Arguments.of(
                        new LambConfig(1.0, 0.9, 0.999, 1e-6, 0.01, 0.01, 10.0, "fp32", List.of()),
                        new LambConfig(2.0, 0.8, 0.9, 1e-7, 0.2, 0.1, 5.0, "none", GROUPS),
                        "type: lamb, beta1: 0.8, beta2: 0.9, epsilon: 1e-7, weightDecay: 0.2, minimumTrust: 0.1,"
                                + " maximumTrust: 5"),
                Arguments.of(
                        new SgdConfig(1.0, 0.9, false, 0.0, false, "fp32", List.of()),
                        new SgdConfig(2.0, 0.8, true, 0.2, true, "none", GROUPS),
                        "type: sgd, momentum: 0.8, nesterov: true, weightDecay: 0.2, decoupledDecay: true"),
                Arguments.of(
                        new AdafactorConfig(1.0, 0.0, 0.8, 1e-30, 1.0, false, 1e-3, 0.1, "fp32", List.of()),
                        new AdafactorConfig(2.0, 0.8, 0.7, 1e-20, 2.0, true, 1e-2, 0.2, "none", GROUPS),
                        "type: adafactor, beta1: 0.8, decayExponent: 0.7, epsilon: 1e-20, clipThreshold: 2,"
                                + " relativeStep: true, minimumScale: 0.01, weightDecay: 0.2"));
    }

    private static RunConfig parse(String optimizer) {
        return Configs.parse(Configs.MINIMAL, "train.precision=bf16", "train.optimizer={" + optimizer + "}");
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyKeyIsReadAndWrittenAndHasItsDefault(OptimizerConfig defaults, OptimizerConfig other, String written) {
        String type = written.substring(0, written.indexOf(','));
        assertThat(parse(type + ", learningRate: 1").train().optimizer()).isEqualTo(defaults);
        RunConfig run = parse(written + ", " + COMMON);
        assertThat(run.train().optimizer()).isEqualTo(other);
        assertThat(Configs.parse(ConfigWriter.toYaml(run))).isEqualTo(run);
        for (RecordComponent component : defaults.getClass().getRecordComponents()) {
            assertThat(RecordShape.value(component, other))
                    .as(component.getName())
                    .isNotEqualTo(RecordShape.value(component, defaults));
        }
    }

    @Test
    void withoutATypeItIsAdamW() {
        assertThat(parse("learningRate: 1").train().optimizer()).isInstanceOf(AdamWConfig.class);
    }

    @ParameterizedTest
    @CsvSource({
        "blocks.*.moe.experts.*, blocks.3.moe.experts.12.up.weight, true",
        "blocks.*.moe.experts.*, blocks.3.moe.router.weight, false",
        "blocks.?.ffn.*, blocks.3.ffn.up.weight, true",
        "blocks.?.ffn.*, blocks.13.ffn.up.weight, false",
        "token_embedding.weight, token_embedding.weight, true",
        "token_embedding.weight, token_embeddingXweight, false",
        "*norm*, blocks.0.ffn_norm.bias, true",
        "norm, blocks.0.ffn_norm.bias, false",
    })
    void patternsMatchWholeNames(String pattern, String name, boolean matches) {
        assertThat(new ParameterGroupConfig(pattern, 1.0, null).matches(name)).isEqualTo(matches);
    }
}
