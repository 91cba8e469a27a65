package io.github.gptmoe.train.config;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code type: adafactor}, Adam whose second moment of a matrix is kept as one number a row and one a column (Shazeer and Stern
 * 2018, https://arxiv.org/abs/1804.04235).
 *
 * @param learningRate peak learning rate, reached at the end of the warm-up
 * @param beta1 decay of the first moment a step; 0 keeps none; default 0
 * @param decayExponent the second moment of step t decays by {@code 1 - t^-decayExponent}; default 0.8
 * @param epsilon added to squared gradients; at least 1.2e-38, the smallest normal FP32 number; default 1e-30
 * @param clipThreshold a parameter's step is scaled down to this root mean square; default 1
 * @param relativeStep whether the learning rate is a share of the root mean square of each parameter; default false
 * @param minimumScale what {@code relativeStep} takes for parameters that are smaller; default 1e-3
 * @param weightDecay share of a weight removed a step, times the learning rate; default 0.1
 * @param masterWeights {@code fp32}, or with {@code train.precision: bf16} {@code none}: BF16 weights are updated themselves, with
 *     stochastic rounding; default fp32
 * @param groups parameters with a learning rate or decay of their own; default none
 */
@JsonTypeName("adafactor")
public record AdafactorConfig(
        double learningRate,
        Double beta1,
        Double decayExponent,
        Double epsilon,
        Double clipThreshold,
        Boolean relativeStep,
        Double minimumScale,
        Double weightDecay,
        String masterWeights,
        List<ParameterGroupConfig> groups)
        implements OptimizerConfig {

    /**
     * Fills in defaults.
     *
     * @param learningRate as above
     * @param beta1 as above
     * @param decayExponent as above
     * @param epsilon as above
     * @param clipThreshold as above
     * @param relativeStep as above
     * @param minimumScale as above
     * @param weightDecay as above
     * @param masterWeights as above
     * @param groups as above
     */
    public AdafactorConfig {
        beta1 = Objects.requireNonNullElse(beta1, 0.0);
        decayExponent = Objects.requireNonNullElse(decayExponent, 0.8);
        epsilon = Objects.requireNonNullElse(epsilon, 1e-30);
        clipThreshold = Objects.requireNonNullElse(clipThreshold, 1.0);
        relativeStep = Objects.requireNonNullElse(relativeStep, false);
        minimumScale = Objects.requireNonNullElse(minimumScale, 1e-3);
        weightDecay = Objects.requireNonNullElse(weightDecay, 0.1);
        masterWeights = Objects.requireNonNullElse(masterWeights, "fp32");
        groups = groups == null ? List.of() : List.copyOf(groups);
    }

    @Override
    public Map<String, String> problems() {
        return new Rules()
                .positive("learningRate", learningRate, "3e-4")
                .fraction("beta1", beta1, "0.9")
                .require(
                        decayExponent > 0 && decayExponent <= 1,
                        "decayExponent",
                        decayExponent + " must be above 0 and at most 1, for example 0.8")
                .normal("epsilon", epsilon, "1e-30")
                .positive("clipThreshold", clipThreshold, "1.0")
                .positive("minimumScale", minimumScale, "1e-3")
                .fraction("weightDecay", weightDecay, "0.1")
                .oneOf("masterWeights", masterWeights, List.of("fp32", "none"))
                .section(ParameterGroupConfig.problems(groups))
                .problems();
    }
}
