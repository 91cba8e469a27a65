package io.github.gptmoe.core.naive;

import java.util.List;

/**
 * The layers as float64 loops over flat row-major arrays. Widths follow from the lengths of biases and norms; nothing is
 * shared between tokens but what the formula shares.
 */
public final class NaiveLayers {
    private static final double EPSILON = 1e-5;

    private NaiveLayers() {}

    /** Token row plus position row. */
    public static double[] embed(long[] ids, int length, double[] tokens, double[] positions, int width) {
        double[] y = new double[ids.length * width];
        for (int t = 0; t < ids.length; t++) {
            for (int d = 0; d < width; d++) {
                y[t * width + d] = tokens[(int) ids[t] * width + d] + positions[t % length * width + d];
            }
        }
        return y;
    }

    /** x W^T without a bias, for rows of {@code in} values. */
    public static double[] product(double[] x, double[] weight, int in) {
        return linear(x, weight, new double[weight.length / in]);
    }

    /** x W^T + b. */
    public static double[] linear(double[] x, double[] weight, double[] bias) {
        int out = bias.length;
        int in = weight.length / out;
        double[] y = new double[x.length / in * out];
        for (int t = 0; t < x.length / in; t++) {
            for (int o = 0; o < out; o++) {
                double sum = bias[o];
                for (int i = 0; i < in; i++) {
                    sum += weight[o * in + i] * x[t * in + i];
                }
                y[t * out + o] = sum;
            }
        }
        return y;
    }

    /** Layer norm of each row: biased variance, eps under the root. */
    public static double[] layerNorm(double[] x, double[] weight, double[] bias) {
        int width = weight.length;
        double[] y = new double[x.length];
        for (int t = 0; t < x.length / width; t++) {
            double mean = 0;
            for (int d = 0; d < width; d++) {
                mean += x[t * width + d] / width;
            }
            double variance = 0;
            for (int d = 0; d < width; d++) {
                variance += Math.pow(x[t * width + d] - mean, 2) / width;
            }
            for (int d = 0; d < width; d++) {
                double normal = (x[t * width + d] - mean) / Math.sqrt(variance + EPSILON);
                y[t * width + d] = normal * weight[d] + bias[d];
            }
        }
        return y;
    }

    /** Softmax of each row. */
    public static double[] softmax(double[] x, int columns) {
        double[] y = new double[x.length];
        for (int row = 0; row < x.length / columns; row++) {
            double logSumExp = logSumExp(x, row, columns);
            for (int c = 0; c < columns; c++) {
                y[row * columns + c] = Math.exp(x[row * columns + c] - logSumExp);
            }
        }
        return y;
    }

    /** log(sum(exp)) of one row. */
    public static double logSumExp(double[] x, int row, int columns) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < columns; c++) {
            largest = Math.max(largest, x[row * columns + c]);
        }
        double sum = 0;
        for (int c = 0; c < columns; c++) {
            sum += Math.exp(x[row * columns + c] - largest);
        }
        return largest + Math.log(sum);
    }

    /**
     * x + out(attend(qkv(norm(x)))): queries, keys and values are the three row blocks of qkv, heads are contiguous inside
     * each, token i sees tokens 0..i of its own sequence.
     *
     * @param weights norm weight, norm bias, qkv weight, qkv bias, output weight, output bias
     */
    public static double[] attention(double[] x, List<double[]> weights, int heads, int length) {
        int width = weights.get(0).length;
        int size = width / heads;
        double[] qkv = linear(layerNorm(x, weights.get(0), weights.get(1)), weights.get(2), weights.get(3));
        double[] joined = new double[x.length];
        for (int sequence = 0; sequence < x.length / width / length; sequence++) {
            for (int head = 0; head < heads; head++) {
                for (int i = 0; i < length; i++) {
                    attendOne(qkv, joined, sequence * length, i, width, head * size, size);
                }
            }
        }
        return add(x, linear(joined, weights.get(4), weights.get(5)));
    }

    private static void attendOne(double[] qkv, double[] joined, int first, int i, int width, int column, int size) {
        double[] scores = new double[i + 1];
        for (int j = 0; j <= i; j++) {
            for (int d = column; d < column + size; d++) {
                scores[j] += qkv[(first + i) * 3 * width + d] * qkv[(first + j) * 3 * width + width + d];
            }
            scores[j] /= Math.sqrt(size);
        }
        double[] shares = softmax(scores, i + 1);
        for (int j = 0; j <= i; j++) {
            for (int d = column; d < column + size; d++) {
                joined[(first + i) * width + d] += shares[j] * qkv[(first + j) * 3 * width + 2 * width + d];
            }
        }
    }

    /** down(gelu(up(x))); weights are up weight, up bias, down weight, down bias. */
    public static double[] ffn(double[] x, List<double[]> weights) {
        double[] hidden = linear(x, weights.get(0), weights.get(1));
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = gelu(hidden[i]);
        }
        return linear(hidden, weights.get(2), weights.get(3));
    }

    /** x + ffn(norm(x)). */
    public static double[] denseBlock(double[] x, List<double[]> norm, List<double[]> weights) {
        return add(x, ffn(layerNorm(x, norm.get(0), norm.get(1)), weights));
    }

    /** gate_t * ffn of the token's expert; zeros for an id that is no expert. One token at a time. */
    public static double[] experts(double[] h, long[] ids, double[] gate, List<List<double[]>> experts) {
        int width = h.length / ids.length;
        double[] y = new double[h.length];
        for (int t = 0; t < ids.length; t++) {
            if (ids[t] < experts.size()) {
                double[] row = new double[width];
                System.arraycopy(h, t * width, row, 0, width);
                double[] out = ffn(row, experts.get((int) ids[t]));
                for (int d = 0; d < width; d++) {
                    y[t * width + d] = gate[t] * out[d];
                }
            }
        }
        return y;
    }

    /** x + c0 * expert + c1 * dense, c = softmax of the two-way linear of each token. */
    public static double[] residualMix(
            double[] x, double[] h, double[] expert, double[] dense, double[] gateWeight, double[] gateBias) {
        double[] c = softmax(linear(h, gateWeight, gateBias), 2);
        int width = gateWeight.length / 2;
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int t = i / width;
            y[i] = x[i] + c[2 * t] * expert[i] + c[2 * t + 1] * dense[i];
        }
        return y;
    }

    /** norm(x) times the transposed token table. */
    public static double[] logits(double[] x, double[] normWeight, double[] normBias, double[] tokens) {
        return product(layerNorm(x, normWeight, normBias), tokens, normWeight.length);
    }

    /** -log softmax(logits)[target] of each row. */
    public static double[] tokenLosses(double[] logits, long[] targets) {
        int vocabulary = logits.length / targets.length;
        double[] losses = new double[targets.length];
        for (int t = 0; t < targets.length; t++) {
            losses[t] = logSumExp(logits, t, vocabulary) - logits[t * vocabulary + (int) targets[t]];
        }
        return losses;
    }

    /** a + b. */
    public static double[] add(double[] a, double[] b) {
        double[] sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    /** x times the normal distribution function, exactly. */
    public static double gelu(double x) {
        return x * 0.5 * (1 + erf(x / Math.sqrt(2)));
    }

    /** erf(x) = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!: all terms of one sign, so nothing cancels. */
    static double erf(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
}
