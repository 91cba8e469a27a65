package io.github.gptmoe.eval;

import io.github.gptmoe.core.model.ModelConfig;
import java.util.Map;

/** The model as plain loops over one sequence, in float64. */
public record NaiveGpt(ModelConfig config, Map<String, double[]> weights) {
    /** Natural-log probabilities of the next token, one row (V) a position. */
    public double[][] logProbabilities(int[] ids) {
        int width = config.hidden();
        double[][] x = new double[ids.length][width];
        for (int t = 0; t < ids.length; t++) {
            for (int d = 0; d < width; d++) {
                x[t][d] = weights.get("token_embedding.weight")[ids[t] * width + d]
                        + weights.get("position_embedding.weight")[t * width + d];
            }
        }
        for (int block = 0; block < config.layers(); block++) {
            addAttention(x, "blocks." + block);
            for (double[] token : x) {
                add(token, feedForward(norm(token, "blocks." + block + ".ffn_norm"), block), 1);
            }
        }
        double[][] rows = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            rows[t] = logSoftmax(
                    times(weights.get("token_embedding.weight"), norm(x[t], "final_norm"), config.vocabulary()));
        }
        return rows;
    }

    private void addAttention(double[][] x, String block) {
        int width = config.hidden();
        int size = width / config.heads();
        double[][] qkv = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            qkv[t] = linear(norm(x[t], block + ".attention_norm"), block + ".attention.qkv", 3 * width);
        }
        for (int t = 0; t < x.length; t++) {
            double[] joined = new double[width];
            for (int head = 0; head < config.heads(); head++) {
                double[] scores = new double[t + 1];
                for (int s = 0; s <= t; s++) {
                    for (int d = head * size; d < (head + 1) * size; d++) {
                        scores[s] += qkv[t][d] * qkv[s][width + d] / Math.sqrt(size);
                    }
                }
                double[] shares = softmax(scores);
                for (int s = 0; s <= t; s++) {
                    for (int d = head * size; d < (head + 1) * size; d++) {
                        joined[d] += shares[s] * qkv[s][2 * width + d];
                    }
                }
            }
            add(x[t], linear(joined, block + ".attention.output", width), 1);
        }
    }

    private double[] feedForward(double[] h, int block) {
        String name = "blocks." + block;
        if (!config.isMoe(block)) {
            return ffn(h, name + ".ffn");
        }
        double[] shares = softmax(times(weights.get(name + ".moe.router.weight"), h, config.expertsOf(block)));
        int chosen = 0;
        for (int e = 1; e < shares.length; e++) {
            chosen = shares[e] > shares[chosen] ? e : chosen;
        }
        double[] gate = softmax(linear(h, name + ".moe.residual_gate", 2));
        double[] y = new double[h.length];
        add(y, ffn(h, name + ".moe.experts." + chosen), gate[0] * shares[chosen]);
        add(y, ffn(h, name + ".moe.residual"), gate[1]);
        return y;
    }

    private double[] ffn(double[] h, String name) {
        double[] up = linear(h, name + ".up", 4 * h.length);
        for (int f = 0; f < up.length; f++) {
            up[f] = up[f] / 2 * (1 + erf(up[f] / Math.sqrt(2)));
        }
        return linear(up, name + ".down", h.length);
    }

    private double[] linear(double[] x, String name, int rows) {
        double[] y = times(weights.get(name + ".weight"), x, rows);
        add(y, weights.get(name + ".bias"), 1);
        return y;
    }

    private double[] norm(double[] x, String name) {
        double mean = 0;
        double variance = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int d = 0; d < x.length; d++) {
            y[d] = (x[d] - mean) / Math.sqrt(variance + 1e-5) * weights.get(name + ".weight")[d]
                    + weights.get(name + ".bias")[d];
        }
        return y;
    }

    private static double[] times(double[] matrix, double[] x, int rows) {
        double[] y = new double[rows];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < x.length; c++) {
                y[r] += matrix[r * x.length + c] * x[c];
            }
        }
        return y;
    }

    private static void add(double[] into, double[] x, double factor) {
        for (int d = 0; d < into.length; d++) {
            into[d] += factor * x[d];
        }
    }

    static double[] softmax(double[] x) {
        double[] y = logSoftmax(x);
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.exp(y[i]);
        }
        return y;
    }

    private static double[] logSoftmax(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += Math.exp(value);
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] - Math.log(sum);
        }
        return y;
    }

    /** The Taylor series: exact to 1e-12 for the arguments of a small model. */
    private static double erf(double x) {
        if (Math.abs(x) > 5) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }
}
