package io.github.gptmoe.router;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Map;

/**
 * {@code type: top1}, the router of the Switch Transformer: a token goes to the expert with the largest softmax
 * probability, which is also the weight of its output (Fedus et al. 2021, https://arxiv.org/abs/2101.03961).
 *
 * <p>Every component may be given as null for its default.
 *
 * @param balanceCoefficient the weight of the balance loss E * sum_e f_e * p_e; default 0.01, the published value
 * @param zCoefficient the weight of the z-loss, mean logsumexp(logits)^2; default 0 (off), 0.001 is customary
 * @param jitter in training the router's input is multiplied by U(1 - jitter, 1 + jitter); in [0, 1), default 0 (off), 0.01
 *     is customary
 * @param initStd the standard deviation of the initial weight; default 0.02
 */
@JsonTypeName("top1")
public record Top1Config(Double balanceCoefficient, Double zCoefficient, Double jitter, Double initStd)
        implements RouterConfig {

    /**
     * Substitutes the defaults for null.
     *
     * @param balanceCoefficient the value, or null for the default
     * @param zCoefficient the value, or null for the default
     * @param jitter the value, or null for the default
     * @param initStd the value, or null for the default
     */
    public Top1Config {
        balanceCoefficient = RouterProblems.orDefault(balanceCoefficient, 0.01);
        zCoefficient = RouterProblems.orDefault(zCoefficient, 0.0);
        jitter = RouterProblems.orDefault(jitter, 0.0);
        initStd = RouterProblems.orDefault(initStd, 0.02);
    }

    /**
     * Returns the configuration that a file with {@code type: top1} alone gives.
     *
     * @return all defaults
     */
    public static Top1Config defaults() {
        return new Top1Config(0.01, 0.0, 0.0, 0.02);
    }

    @Override
    public Router build(int hidden, int numExperts) {
        RouterProblems.requireBuildable(this, hidden, numExperts);
        return new Top1Router(this, hidden, numExperts);
    }

    @Override
    public Map<String, String> problems() {
        return new RouterProblems()
                .linearGate(balanceCoefficient, zCoefficient, jitter, initStd)
                .found();
    }

    @Override
    public Top1Config withLossFactor(double factor) {
        return new Top1Config(balanceCoefficient * factor, zCoefficient * factor, jitter, initStd);
    }
}
