package io.github.gptmoe.train.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How gradients change the weights: AdamW with decoupled decay.
 *
 * <p>Decay applies to weight matrices and the token table; biases, norms and the position table are left alone.
 *
 * @param type {@code adamw}, the one available
 * @param learningRate peak learning rate, reached at the end of the warm-up
 * @param beta1 decay of the first moment a step; default 0.9
 * @param beta2 decay of the second moment a step; default 0.95
 * @param epsilon added to the root of the second moment; default 1e-8
 * @param weightDecay share of a weight removed a step, times the learning rate; default 0.1
 */
public record OptimizerConfig(
        String type, double learningRate, Double beta1, Double beta2, Double epsilon, Double weightDecay) {

    /**
     * Fills in defaults.
     *
     * @param type as above
     * @param learningRate as above
     * @param beta1 as above
     * @param beta2 as above
     * @param epsilon as above
     * @param weightDecay as above
     */
    public OptimizerConfig {
        type = Objects.requireNonNullElse(type, "adamw");
        beta1 = Objects.requireNonNullElse(beta1, 0.9);
        beta2 = Objects.requireNonNullElse(beta2, 0.95);
        epsilon = Objects.requireNonNullElse(epsilon, 1e-8);
        weightDecay = Objects.requireNonNullElse(weightDecay, 0.1);
    }

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code train.optimizer} to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        return new Rules()
                .oneOf("type", type, List.of("adamw"))
                .positive("learningRate", learningRate, "3e-4")
                .fraction("beta1", beta1, "0.9")
                .fraction("beta2", beta2, "0.95")
                .positive("epsilon", epsilon, "1e-8")
                .fraction("weightDecay", weightDecay, "0.1")
                .problems();
    }
}
