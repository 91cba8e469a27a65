package io.github.gptmoe.train.config;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;

/**
 * How gradients change the weights, chosen by {@code type}; without it, {@code adamw}. Each type has its own keys, and those
 * of another are errors. Formulas: docs/optimizers.md.
 *
 * <p>The list of permitted records is the only registry. A record may be built with null for any component but the learning
 * rate, which then takes its default.
 *
 * <p>Decay applies to weight matrices and the token table; biases, norms and the position table are left alone.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type", defaultImpl = AdamWConfig.class)
public sealed interface OptimizerConfig permits AdamWConfig, LambConfig, SgdConfig, AdafactorConfig {
    /**
     * Peak learning rate, reached at the end of the warm-up.
     *
     * @return greater than 0
     */
    double learningRate();

    /**
     * Share of a weight removed a step, times the learning rate.
     *
     * @return at least 0 and below 1
     */
    Double weightDecay();

    /**
     * Whether weights that are computed with in BF16 have FP32 masters: {@code fp32}, or {@code none}, which updates the
     * BF16 weights themselves with stochastic rounding.
     *
     * @return {@code fp32} or {@code none}
     */
    String masterWeights();

    /**
     * Parameters with a learning rate or decay of their own; of several patterns that match, the first counts.
     *
     * @return in the order of the file; empty for none
     */
    List<ParameterGroupConfig> groups();

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code train.optimizer} to what is wrong and the remedy
     */
    Map<String, String> problems();

    /**
     * Whether the BF16 weights themselves are updated.
     *
     * @return true for {@code masterWeights: none}
     */
    default boolean withoutMasters() {
        return masterWeights().equals("none");
    }
}
