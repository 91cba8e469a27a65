package io.github.gptmoe.core.naive;

/**
 * {@code softmax(q k^T / sqrt(C) + causal) v} of one head and its gradients, as float64 loops: every sum is written out, no
 * two queries share anything.
 *
 * @param output (L, C)
 * @param gradQueries gradient of the queries, (L, C)
 * @param gradKeys gradient of the keys
 * @param gradValues gradient of the values
 */
public record NaiveCausalAttention(double[] output, double[] gradQueries, double[] gradKeys, double[] gradValues) {

    /** Forward and backward; {@code grad} is the gradient of the output, all arrays are (L, size). */
    public static NaiveCausalAttention of(double[] q, double[] k, double[] v, double[] grad, int size) {
        int length = q.length / size;
        NaiveCausalAttention result = new NaiveCausalAttention(
                new double[q.length], new double[q.length], new double[q.length], new double[q.length]);
        for (int i = 0; i < length; i++) {
            double[] scores = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                scores[j] = dot(q, i, k, j, size) / Math.sqrt(size);
            }
            result.add(i, NaiveLayers.softmax(scores, i + 1), new double[][] {q, k, v, grad}, size);
        }
        return result;
    }

    /** What query i adds: its output, and by the chain rule its part of every gradient. */
    private void add(int i, double[] shares, double[][] qkvGrad, int size) {
        double[] grad = qkvGrad[3];
        double mean = 0;
        for (int j = 0; j <= i; j++) {
            mean += shares[j] * dot(grad, i, qkvGrad[2], j, size);
        }
        for (int j = 0; j <= i; j++) {
            double gradScore = shares[j] * (dot(grad, i, qkvGrad[2], j, size) - mean) / Math.sqrt(size);
            for (int c = 0; c < size; c++) {
                output[i * size + c] += shares[j] * qkvGrad[2][j * size + c];
                gradQueries[i * size + c] += gradScore * qkvGrad[1][j * size + c];
                gradKeys[j * size + c] += gradScore * qkvGrad[0][i * size + c];
                gradValues[j * size + c] += shares[j] * grad[i * size + c];
            }
        }
    }

    private static double dot(double[] a, int rowOfA, double[] b, int rowOfB, int size) {
        double sum = 0;
        for (int c = 0; c < size; c++) {
            sum += a[rowOfA * size + c] * b[rowOfB * size + c];
        }
        return sum;
    }
}
