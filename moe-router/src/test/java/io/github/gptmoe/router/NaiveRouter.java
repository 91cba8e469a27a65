package io.github.gptmoe.router;

import java.util.Arrays;

/** Routing by loops in float64, written from the formulas alone. */
final class NaiveRouter {
    final int[] ids;
    final double[] gate;
    final double[] nearest;
    final double balanceLoss;
    final double zLoss;
    final double marginLoss;

    /** Denominators are the norms of {@code normsOf}, which may differ from {@code w} to freeze them. */
    NaiveRouter(
            double[][] x, double[][] w, boolean[] valid, double[][] normsOf, String norm, double gamma, int rivals) {
        int tokens = x.length;
        int experts = w.length;
        ids = new int[tokens];
        gate = new double[tokens];
        nearest = new double[tokens];
        double[] share = new double[experts];
        double[] mean = new double[experts];
        double z = 0;
        double margin = 0;
        int count = 0;
        for (int t = 0; t < tokens; t++) {
            if (!valid[t]) {
                ids[t] = experts;
                continue;
            }
            count++;
            double[] s = new double[experts];
            int best = 0;
            for (int e = 0; e < experts; e++) {
                s[e] = dot(x[t], w[e]);
                best = s[e] > s[best] ? e : best;
            }
            double sum = 0;
            for (double logit : s) {
                sum += Math.exp(logit - s[best]);
            }
            double logSumExp = s[best] + Math.log(sum);
            for (int e = 0; e < experts; e++) {
                mean[e] += Math.exp(s[e] - logSumExp);
            }
            ids[t] = best;
            gate[t] = Math.exp(s[best] - logSumExp);
            share[best]++;
            z += logSumExp * logSumExp;
            double[] distances = new double[experts - 1];
            for (int e = 0, i = 0; e < experts; e++) {
                if (e != best) {
                    distances[i++] = (s[best] - s[e]) / (distance(normsOf[best], normsOf[e], norm) + 1e-8);
                }
            }
            Arrays.sort(distances);
            nearest[t] = distances.length == 0 ? 0 : distances[0];
            for (int k = 0; k < Math.min(rivals, distances.length); k++) {
                margin += Math.max(0, gamma - distances[k]);
            }
        }
        double tokensOrOne = Math.max(1, count);
        double balance = 0;
        for (int e = 0; e < experts; e++) {
            balance += experts * (share[e] / tokensOrOne) * (mean[e] / tokensOrOne);
        }
        balanceLoss = balance;
        zLoss = z / tokensOrOne;
        marginLoss = margin / tokensOrOne;
    }

    static double distance(double[] a, double[] b, String norm) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs(a[i] - b[i]);
            sum = switch (norm) {
                case "1" -> sum + difference;
                case "2" -> sum + difference * difference;
                default -> Math.max(sum, difference);
            };
        }
        return norm.equals("2") ? Math.sqrt(sum) : sum;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
