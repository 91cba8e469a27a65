package io.github.gptmoe.train.config;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code type: lamb}, Adam whose step is scaled for each matrix by the norm of its weights over the norm of its step (You et al.
 * 2020, https://arxiv.org/abs/1904.00962).
 *
 * @param learningRate peak learning rate, reached at the end of the warm-up
 * @param beta1 decay of the first moment a step; default 0.9
 * @param beta2 decay of the second moment a step; default 0.999
 * @param epsilon added to the root of the second moment; at least 1.2e-38, the smallest normal FP32 number; default 1e-6
 * @param weightDecay share of a weight that is part of its step; default 0.01
 * @param minimumTrust smallest ratio of the norms; default 0.01
 * @param maximumTrust largest ratio of the norms; default 10
 * @param masterWeights {@code fp32}, or with {@code train.precision: bf16} {@code none}: BF16 weights are updated themselves, with
 *     stochastic rounding; default fp32
 * @param groups parameters with a learning rate or decay of their own; default none
 */
@JsonTypeName("lamb")
public record LambConfig(
        double learningRate,
        Double beta1,
        Double beta2,
        Double epsilon,
        Double weightDecay,
        Double minimumTrust,
        Double maximumTrust,
        String masterWeights,
        List<ParameterGroupConfig> groups)
        implements OptimizerConfig {

    /**
     * Fills in defaults.
     *
     * @param learningRate as above
     * @param beta1 as above
     * @param beta2 as above
     * @param epsilon as above
     * @param weightDecay as above
     * @param minimumTrust as above
     * @param maximumTrust as above
     * @param masterWeights as above
     * @param groups as above
     */
    public LambConfig {
        beta1 = Objects.requireNonNullElse(beta1, 0.9);
        beta2 = Objects.requireNonNullElse(beta2, 0.999);
        epsilon = Objects.requireNonNullElse(epsilon, 1e-6);
        weightDecay = Objects.requireNonNullElse(weightDecay, 0.01);
        minimumTrust = Objects.requireNonNullElse(minimumTrust, 0.01);
        maximumTrust = Objects.requireNonNullElse(maximumTrust, 10.0);
        masterWeights = Objects.requireNonNullElse(masterWeights, "fp32");
        groups = groups == null ? List.of() : List.copyOf(groups);
    }

    @Override
    public Map<String, String> problems() {
        return new Rules()
                .positive("learningRate", learningRate, "3e-4")
                .fraction("beta1", beta1, "0.9")
                .fraction("beta2", beta2, "0.999")
                .normal("epsilon", epsilon, "1e-6")
                .positive("minimumTrust", minimumTrust, "0.01")
                .require(
                        maximumTrust >= minimumTrust && Double.isFinite(maximumTrust),
                        "maximumTrust",
                        maximumTrust + " must be at least minimumTrust " + minimumTrust + ", for example 10")
                .fraction("weightDecay", weightDecay, "0.1")
                .oneOf("masterWeights", masterWeights, List.of("fp32", "none"))
                .section(ParameterGroupConfig.problems(groups))
                .problems();
    }
}
