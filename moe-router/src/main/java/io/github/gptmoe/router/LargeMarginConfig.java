package io.github.gptmoe.router;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Map;

/**
 * {@code type: large-margin}, top-1 routing with a hinge on the distance from a token to the nearest decision boundaries.
 *
 * <p>The margin loss is the mean over real tokens of sum_k max(0, gamma - d_k), where d_k are the K smallest among the
 * distances d_ij = (s_i - s_j) / |w_i - w_j|_q from the chosen expert i to its rivals j. The denominator carries no
 * gradient. Alone it would reward a confident collapse onto few experts, so the balance loss stays on. The idea is Elsayed
 * et al. 2018 (https://arxiv.org/abs/1803.05598); for a linear router the distance is exact.
 *
 * <p>Every component may be given as null for its default.
 *
 * @param balanceCoefficient the weight of the balance loss; default 0.01
 * @param zCoefficient the weight of the z-loss; default 0 (off)
 * @param jitter the amplitude of the input noise in training; in [0, 1), default 0 (off)
 * @param initStd the standard deviation of the initial weight; above 0, because equal experts have no boundary; default
 *     0.02
 * @param norm the norm q of w_i - w_j: {@code 1}, {@code 2} or {@code inf}, for distances in the norm inf, 2 or 1; default
 *     {@code 2}
 * @param gamma the margin; default 0.5: behind a layer norm the distance to the nearest boundary has a median near 0.2 and
 *     a 90th percentile near 0.6 at random initialisation, so that 0.5 pushes most tokens and leaves the decided ones alone
 * @param marginCoefficient the weight of the margin loss; default 0.01, that of the balance loss: at the start the hinge is
 *     about 0.3 against a balance loss of 1, so the pull towards confident experts begins weaker than the pull towards an
 *     even load
 * @param warmupSteps optimizer steps over which the margin's weight grows linearly from 0; default 0 (at full weight from
 *     the first step)
 * @param rivals the number K of nearest rivals whose hinges are summed; at most E - 1, default 1
 */
@JsonTypeName("large-margin")
public record LargeMarginConfig(
        Double balanceCoefficient,
        Double zCoefficient,
        Double jitter,
        Double initStd,
        String norm,
        Double gamma,
        Double marginCoefficient,
        Long warmupSteps,
        Integer rivals)
        implements RouterConfig {

    /**
     * Substitutes the defaults for null.
     *
     * @param balanceCoefficient the value, or null for the default
     * @param zCoefficient the value, or null for the default
     * @param jitter the value, or null for the default
     * @param initStd the value, or null for the default
     * @param norm the value, or null for the default
     * @param gamma the value, or null for the default
     * @param marginCoefficient the value, or null for the default
     * @param warmupSteps the value, or null for the default
     * @param rivals the value, or null for the default
     */
    public LargeMarginConfig {
        balanceCoefficient = RouterProblems.orDefault(balanceCoefficient, 0.01);
        zCoefficient = RouterProblems.orDefault(zCoefficient, 0.0);
        jitter = RouterProblems.orDefault(jitter, 0.0);
        initStd = RouterProblems.orDefault(initStd, 0.02);
        norm = RouterProblems.orDefault(norm, "2");
        gamma = RouterProblems.orDefault(gamma, 0.5);
        marginCoefficient = RouterProblems.orDefault(marginCoefficient, 0.01);
        warmupSteps = RouterProblems.orDefault(warmupSteps, 0L);
        rivals = RouterProblems.orDefault(rivals, 1);
    }

    /**
     * Returns the configuration that a file with {@code type: large-margin} alone gives.
     *
     * @return all defaults
     */
    public static LargeMarginConfig defaults() {
        return new LargeMarginConfig(0.01, 0.0, 0.0, 0.02, "2", 0.5, 0.01, 0L, 1);
    }

    @Override
    public Router build(int hidden, int numExperts) {
        RouterProblems.requireBuildable(this, hidden, numExperts);
        if (rivals >= numExperts) {
            throw new IllegalArgumentException("rivals is " + rivals + ", but a layer of " + numExperts
                    + " experts has only " + (numExperts - 1) + " rivals; lower rivals or add experts");
        }
        return new LargeMarginRouter(this, hidden, numExperts);
    }

    @Override
    public Map<String, String> problems() {
        return new RouterProblems()
                .linearGate(balanceCoefficient, zCoefficient, jitter, initStd)
                .require(
                        initStd > 0, "initStd", initStd, "must be above 0: equal experts have no boundary between them")
                .require(DistanceNorm.of(norm).isPresent(), "norm", norm, "must be 1, 2 or inf")
                .require(Double.isFinite(gamma) && gamma > 0, "gamma", gamma, "must be a finite number above 0")
                .notNegative("marginCoefficient", marginCoefficient)
                .notNegative("warmupSteps", warmupSteps)
                .require(rivals >= 1, "rivals", rivals, "must be at least 1; 1 is the nearest rival alone")
                .found();
    }

    @Override
    public LargeMarginConfig withLossFactor(double factor) {
        return new LargeMarginConfig(
                balanceCoefficient * factor,
                zCoefficient * factor,
                jitter,
                initStd,
                norm,
                gamma,
                marginCoefficient * factor,
                warmupSteps,
                rivals);
    }
}
