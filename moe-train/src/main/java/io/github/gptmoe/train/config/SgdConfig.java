package io.github.gptmoe.train.config;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code type: sgd}, gradient descent with momentum (Sutskever et al. 2013), with the conventions of {@code torch.optim.SGD}.
 *
 * @param learningRate peak learning rate, reached at the end of the warm-up
 * @param momentum decay of the running sum of gradients; 0 keeps none; default 0.9
 * @param nesterov whether the step looks one momentum ahead; needs a momentum; default false
 * @param weightDecay share of a weight added to its gradient, or removed a step times the learning rate; default 0
 * @param decoupledDecay whether decay acts on the weight itself instead of passing through the momentum; default false
 * @param masterWeights {@code fp32}, or with {@code train.precision: bf16} {@code none}: BF16 weights are updated themselves, with
 *     stochastic rounding; default fp32
 * @param groups parameters with a learning rate or decay of their own; default none
 */
@JsonTypeName("sgd")
public record SgdConfig(
        double learningRate,
        Double momentum,
        Boolean nesterov,
        Double weightDecay,
        Boolean decoupledDecay,
        String masterWeights,
        List<ParameterGroupConfig> groups)
        implements OptimizerConfig {

    /**
     * Fills in defaults.
     *
     * @param learningRate as above
     * @param momentum as above
     * @param nesterov as above
     * @param weightDecay as above
     * @param decoupledDecay as above
     * @param masterWeights as above
     * @param groups as above
     */
    public SgdConfig {
        momentum = Objects.requireNonNullElse(momentum, 0.9);
        nesterov = Objects.requireNonNullElse(nesterov, false);
        weightDecay = Objects.requireNonNullElse(weightDecay, 0.0);
        decoupledDecay = Objects.requireNonNullElse(decoupledDecay, false);
        masterWeights = Objects.requireNonNullElse(masterWeights, "fp32");
        groups = groups == null ? List.of() : List.copyOf(groups);
    }

    @Override
    public Map<String, String> problems() {
        return new Rules()
                .positive("learningRate", learningRate, "3e-4")
                .fraction("momentum", momentum, "0.9")
                .require(!nesterov || momentum > 0, "nesterov", "true needs a momentum above 0, for example 0.9")
                .fraction("weightDecay", weightDecay, "0.1")
                .oneOf("masterWeights", masterWeights, List.of("fp32", "none"))
                .section(ParameterGroupConfig.problems(groups))
                .problems();
    }
}
