package io.github.gptmoe.core.model;

import io.github.gptmoe.router.RouterConfig;
import io.github.gptmoe.router.Top1Config;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The architecture of one model: everything that decides which parameters exist and what they compute.
 *
 * <p>A component left out of the YAML arrives as null and gets its default here, so an instance is always complete.
 *
 * @param layers number of decoder blocks, L
 * @param hidden width of the residual stream, D
 * @param heads attention heads; must divide {@code hidden}
 * @param sequenceLength longest context in tokens; rows of the position table
 * @param vocabulary rows of the token table, V; at least the tokenizer's vocabulary
 * @param experts experts of each MoE layer, first to last; one number is repeated for all of them; 0 or empty is a dense
 *     model
 * @param moeInterval block I (from 0) is an MoE block when {@code (I + 1) mod moeInterval = 0}; default 2
 * @param residual residual MoE: {@code y = c0 * expert(x) + c1 * ffn(x)}, c = softmax of a two-way linear of the token;
 *     default false
 * @param router how tokens choose experts; default top1
 * @param capacityFactor at most {@code ceil(tokens / experts * capacityFactor)} tokens an expert, the rest keep only the
 *     residual stream; 0 (default) never drops
 * @param positions position encoding; {@code learned} is the one available
 * @param norm normalisation; {@code layernorm} (eps 1e-5) is the one available
 * @param activation FFN activation; {@code gelu} (exact, erf) is the one available
 * @param tieEmbeddings the output projection is the token table; true is the one available
 * @param initStd standard deviation of initial weights; output projections get it divided by sqrt(2L); default 0.02
 */
public record ModelConfig(
        int layers,
        int hidden,
        int heads,
        int sequenceLength,
        int vocabulary,
        List<Integer> experts,
        Integer moeInterval,
        Boolean residual,
        RouterConfig router,
        Double capacityFactor,
        String positions,
        String norm,
        String activation,
        Boolean tieEmbeddings,
        Double initStd) {

    /**
     * Fills in defaults and repeats a single expert count for every MoE layer.
     *
     * @param layers as above
     * @param hidden as above
     * @param heads as above
     * @param sequenceLength as above
     * @param vocabulary as above
     * @param experts as above
     * @param moeInterval as above, or null for the default
     * @param residual as above, or null for the default
     * @param router as above, or null for the default
     * @param capacityFactor as above, or null for the default
     * @param positions as above, or null for the default
     * @param norm as above, or null for the default
     * @param activation as above, or null for the default
     * @param tieEmbeddings as above, or null for the default
     * @param initStd as above, or null for the default
     */
    public ModelConfig {
        moeInterval = Objects.requireNonNullElse(moeInterval, 2);
        residual = Objects.requireNonNullElse(residual, false);
        router = router == null ? Top1Config.defaults() : router;
        capacityFactor = Objects.requireNonNullElse(capacityFactor, 0.0);
        positions = Objects.requireNonNullElse(positions, "learned");
        norm = Objects.requireNonNullElse(norm, "layernorm");
        activation = Objects.requireNonNullElse(activation, "gelu");
        tieEmbeddings = Objects.requireNonNullElse(tieEmbeddings, true);
        initStd = Objects.requireNonNullElse(initStd, 0.02);
        experts = expand(experts, moeInterval > 0 ? layers / moeInterval : 0);
    }

    private static List<Integer> expand(List<Integer> experts, int moeLayers) {
        if (experts == null || experts.isEmpty() || experts.equals(List.of(0))) {
            return List.of();
        }
        return experts.size() == 1
                ? Collections.nCopies(Math.max(1, moeLayers), experts.get(0))
                : Collections.unmodifiableList(experts);
    }

    /**
     * The number of MoE blocks.
     *
     * @return 0 for a dense model
     */
    public int moeLayers() {
        return experts.size();
    }

    /**
     * Tells whether a block has experts.
     *
     * @param block block index from 0
     * @return true for an MoE block
     */
    public boolean isMoe(int block) {
        return !experts.isEmpty() && (block + 1) % moeInterval == 0;
    }

    /**
     * The experts of an MoE block.
     *
     * @param block block index from 0, for which {@link #isMoe} holds
     * @return number of experts, E
     */
    public int expertsOf(int block) {
        return experts.get((block + 1) / moeInterval - 1);
    }

    /**
     * The same model with other router settings.
     *
     * @param other settings of a router with the same weights
     * @return a model that differs in {@code router} only
     */
    public ModelConfig withRouter(RouterConfig other) {
        return new ModelConfig(
                layers,
                hidden,
                heads,
                sequenceLength,
                vocabulary,
                experts,
                moeInterval,
                residual,
                other,
                capacityFactor,
                positions,
                norm,
                activation,
                tieEmbeddings,
                initStd);
    }

    /**
     * Everything wrong with this configuration.
     *
     * @return key relative to {@code model} to what is wrong and the remedy, in the order of the components; empty when
     *     the model can be built
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        positive(problems, "layers", layers);
        positive(problems, "hidden", hidden);
        positive(problems, "heads", heads);
        positive(problems, "sequenceLength", sequenceLength);
        positive(problems, "vocabulary", vocabulary);
        positive(problems, "moeInterval", moeInterval);
        if (heads > 0 && hidden % heads != 0) {
            problems.put(
                    "heads",
                    heads + " does not divide hidden " + hidden + "; use a divisor, for example "
                            + nearestDivisor(hidden, heads));
        }
        expertProblems(problems);
        if (capacityFactor < 0 || !Double.isFinite(capacityFactor)) {
            problems.put("capacityFactor", capacityFactor + " must be 0 (no dropping) or positive, for example 1.25");
        }
        if (!(initStd > 0 && initStd < 1)) {
            problems.put("initStd", initStd + " must lie between 0 and 1, for example 0.02");
        }
        only(problems, "positions", positions, "learned");
        only(problems, "norm", norm, "layernorm");
        only(problems, "activation", activation, "gelu");
        only(problems, "tieEmbeddings", tieEmbeddings.toString(), "true");
        router.problems().forEach((key, rule) -> problems.put("router." + key, rule));
        return problems;
    }

    private void expertProblems(Map<String, String> problems) {
        if (experts.isEmpty() || moeInterval <= 0) {
            return;
        }
        int moeBlocks = layers / moeInterval;
        if (moeBlocks == 0) {
            problems.put(
                    "moeInterval",
                    moeInterval + " leaves no MoE layer among " + layers + " layers; use at most " + layers
                            + ", or experts: 0 for a dense model");
        } else if (experts.size() != moeBlocks) {
            problems.put(
                    "experts",
                    "has " + experts.size() + " entries but " + layers + " layers with moeInterval " + moeInterval
                            + " make " + moeBlocks + " MoE layers; give one number, or one entry for each of the "
                            + moeBlocks);
        }
        for (int e : experts) {
            if (e < 2) {
                problems.put("experts", "entry " + e + " must be at least 2; use experts: 0 for a dense model");
            }
        }
    }

    private static void positive(Map<String, String> problems, String key, int value) {
        if (value <= 0) {
            problems.put(key, value + " must be at least 1");
        }
    }

    private static void only(Map<String, String> problems, String key, String value, String allowed) {
        if (!value.equals(allowed)) {
            problems.put(key, "'" + value + "' is not available; use '" + allowed + "'");
        }
    }

    private static int nearestDivisor(int hidden, int heads) {
        for (int distance = 1; distance < hidden; distance++) {
            if (heads > distance && hidden % (heads - distance) == 0) {
                return heads - distance;
            }
            if (hidden % (heads + distance) == 0) {
                return heads + distance;
            }
        }
        return 1;
    }
}
