package io.github.gptmoe.core.model;

import io.github.gptmoe.core.naive.NaiveLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole model in float64, one token at a time where it can be: top-1 router, balance and z-loss, capacity, residual
 * experts. It reads parameters by the names of a checkpoint.
 */
final class NaiveModel {
    private final ModelConfig config;
    private final Map<String, double[]> parameters;
    private final double balanceCoefficient;
    private final double zCoefficient;

    NaiveModel(ModelConfig config, Map<String, double[]> parameters, double balanceCoefficient, double zCoefficient) {
        this.config = config;
        this.parameters = parameters;
        this.balanceCoefficient = balanceCoefficient;
        this.zCoefficient = zCoefficient;
    }

    /** What a block yields; no router, no loss. */
    record Output(double[] hidden, double auxiliaryLoss, long[] keptIds) {}

    /** Residual stream after the last block. */
    double[] hidden(long[] ids, int length) {
        double[] x = NaiveLayers.embed(
                ids,
                length,
                parameters.get("token_embedding.weight"),
                parameters.get("position_embedding.weight"),
                config.hidden());
        for (int index = 0; index < config.layers(); index++) {
            x = block(index, x, length, null).hidden();
        }
        return x;
    }

    double[] logits(long[] ids, int length) {
        return NaiveLayers.logits(
                hidden(ids, length),
                parameters.get("final_norm.weight"),
                parameters.get("final_norm.bias"),
                parameters.get("token_embedding.weight"));
    }

    /** Block I on the residual stream; {@code valid} marks real tokens. */
    Output block(int index, double[] x, int length, boolean @Nullable [] valid) {
        String prefix = "blocks." + index + ".";
        double[] attended = attended(index, x, length);
        List<double[]> norm = get(prefix, "ffn_norm.weight", "ffn_norm.bias");
        if (!config.isMoe(index)) {
            return new Output(NaiveLayers.denseBlock(attended, norm, ffn(prefix + "ffn.")), 0, new long[0]);
        }
        double[] h = NaiveLayers.layerNorm(attended, norm.get(0), norm.get(1));
        return mixture(index, attended, h, valid);
    }

    /** The first half of block I. */
    double[] attended(int index, double[] x, int length) {
        List<double[]> weights = get(
                "blocks." + index + ".",
                "attention_norm.weight",
                "attention_norm.bias",
                "attention.qkv.weight",
                "attention.qkv.bias",
                "attention.output.weight",
                "attention.output.bias");
        return NaiveLayers.attention(x, weights, config.heads(), length);
    }

    private Output mixture(int index, double[] x, double[] h, boolean @Nullable [] valid) {
        String prefix = "blocks." + index + ".moe.";
        int experts = config.expertsOf(index);
        int tokens = h.length / config.hidden();
        double[] logits = NaiveLayers.product(h, parameters.get(prefix + "router.weight"), config.hidden());
        double[] probabilities = NaiveLayers.softmax(logits, experts);
        long[] ids = new long[tokens];
        double[] gate = new double[tokens];
        double[] count = new double[experts];
        double[] mean = new double[experts];
        double zLoss = 0;
        int real = 0;
        for (int t = 0; t < tokens; t++) {
            if (valid != null && !valid[t]) {
                ids[t] = experts;
                continue;
            }
            real++;
            int best = 0;
            for (int e = 0; e < experts; e++) {
                mean[e] += probabilities[t * experts + e];
                best = logits[t * experts + e] > logits[t * experts + best] ? e : best;
            }
            ids[t] = best;
            gate[t] = probabilities[t * experts + best];
            count[best]++;
            zLoss += Math.pow(NaiveLayers.logSumExp(logits, t, experts), 2);
        }
        double balance = 0;
        for (int e = 0; e < experts; e++) {
            balance += experts * count[e] / real * mean[e] / real;
        }
        long[] kept = limit(ids, experts, real);
        List<List<double[]>> weights = new ArrayList<>();
        for (int e = 0; e < experts; e++) {
            weights.add(ffn(prefix + "experts." + e + "."));
        }
        double[] expert = NaiveLayers.experts(h, kept, gate, weights);
        double auxiliary = balanceCoefficient * balance + zCoefficient * zLoss / real;
        return new Output(combine(prefix, x, h, expert), auxiliary, kept);
    }

    private long[] limit(long[] ids, int experts, int real) {
        long[] kept = ids.clone();
        if (config.capacityFactor() == 0) {
            return kept;
        }
        double places = Math.max(1, Math.ceil(real * config.capacityFactor() / experts - 1e-9));
        int[] taken = new int[experts];
        for (int t = 0; t < kept.length; t++) {
            if (kept[t] < experts && ++taken[(int) kept[t]] > places) {
                kept[t] = experts;
            }
        }
        return kept;
    }

    private double[] combine(String prefix, double[] x, double[] h, double[] expert) {
        if (!config.residual()) {
            return NaiveLayers.add(x, expert);
        }
        List<double[]> gate = get(prefix, "residual_gate.weight", "residual_gate.bias");
        double[] dense = NaiveLayers.ffn(h, ffn(prefix + "residual."));
        return NaiveLayers.residualMix(x, h, expert, dense, gate.get(0), gate.get(1));
    }

    private List<double[]> ffn(String prefix) {
        return get(prefix, "up.weight", "up.bias", "down.weight", "down.bias");
    }

    private List<double[]> get(String prefix, String... names) {
        return Stream.of(names).map(name -> parameters.get(prefix + name)).toList();
    }
}
