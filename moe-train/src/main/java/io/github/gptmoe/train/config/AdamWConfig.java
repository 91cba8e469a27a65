package io.github.gptmoe.train.config;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code type: adamw}, Adam with decoupled decay (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101).
 *
 * @param learningRate peak learning rate, reached at the end of the warm-up
 * @param beta1 decay of the first moment a step; default 0.9
 * @param beta2 decay of the second moment a step; default 0.95
 * @param epsilon added to the root of the second moment; at least 1.2e-38, the smallest normal FP32 number; default 1e-8
 * @param weightDecay share of a weight removed a step, times the learning rate; default 0.1
 * @param moments how moments are stored: {@code fp32}, {@code bf16} or {@code int8} (in blocks of 256 with a scale); default
 *     fp32
 * @param masterWeights {@code fp32}, or with {@code train.precision: bf16} {@code none}: BF16 weights are updated themselves, with
 *     stochastic rounding; default fp32
 * @param groups parameters with a learning rate or decay of their own; default none
 */
@JsonTypeName("adamw")
public record AdamWConfig(
        double learningRate,
        Double beta1,
        Double beta2,
        Double epsilon,
        Double weightDecay,
        String moments,
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
     * @param moments as above
     * @param masterWeights as above
     * @param groups as above
     */
    public AdamWConfig {
        beta1 = Objects.requireNonNullElse(beta1, 0.9);
        beta2 = Objects.requireNonNullElse(beta2, 0.95);
        epsilon = Objects.requireNonNullElse(epsilon, 1e-8);
        weightDecay = Objects.requireNonNullElse(weightDecay, 0.1);
        moments = Objects.requireNonNullElse(moments, "fp32");
        masterWeights = Objects.requireNonNullElse(masterWeights, "fp32");
        groups = groups == null ? List.of() : List.copyOf(groups);
    }

    @Override
    public Map<String, String> problems() {
        return new Rules()
                .positive("learningRate", learningRate, "3e-4")
                .fraction("beta1", beta1, "0.9")
                .fraction("beta2", beta2, "0.95")
                .normal("epsilon", epsilon, "1e-8")
                .oneOf("moments", moments, List.of("fp32", "bf16", "int8"))
                .fraction("weightDecay", weightDecay, "0.1")
                .oneOf("masterWeights", masterWeights, List.of("fp32", "none"))
                .section(ParameterGroupConfig.problems(groups))
                .problems();
    }
}
