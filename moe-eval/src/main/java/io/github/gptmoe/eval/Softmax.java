package io.github.gptmoe.eval;

/** Softmax in double precision. */
final class Softmax {
    private Softmax() {}

    /** Probabilities of {@code logits / temperature}. */
    static double[] probabilities(float[] logits, double temperature) {
        double greatest = greatest(logits);
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int id = 0; id < logits.length; id++) {
            probabilities[id] = Math.exp((logits[id] - greatest) / temperature);
            sum += probabilities[id];
        }
        for (int id = 0; id < logits.length; id++) {
            probabilities[id] /= sum;
        }
        return probabilities;
    }

    /** {@code log sum exp(logits)}: a log-probability is a logit minus this. */
    static double logSumExp(float[] logits) {
        double greatest = greatest(logits);
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - greatest);
        }
        return greatest + Math.log(sum);
    }

    private static double greatest(float[] logits) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            greatest = Math.max(greatest, logit);
        }
        if (!Float.isFinite(greatest)) {
            throw new IllegalStateException("the model's logits are not finite numbers; its weights are damaged");
        }
        return greatest;
    }
}
