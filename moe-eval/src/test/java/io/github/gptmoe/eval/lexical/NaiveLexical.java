package io.github.gptmoe.eval.lexical;

import io.github.gptmoe.eval.lexical.LexicalClassifier.Prior;
import io.github.gptmoe.eval.lexical.LexicalClassifier.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The same classifier from its formulas, with strings as keys; texts of lower-case characters without spaces only. */
final class NaiveLexical {
    private final Settings settings;
    private final Map<String, Double> corpus = new HashMap<>();
    private final List<Map<String, Double>> counts = new ArrayList<>();
    private final double[] textsOf;

    NaiveLexical(List<String> texts, List<double[]> seeded, Settings settings) {
        this.settings = settings;
        this.textsOf = new double[seeded.get(0).length];
        texts.forEach(text -> grams(text).forEach(gram -> corpus.merge(gram, 1.0, Double::sum)));
        corpus.values().removeIf(count -> count < 2);
        fit(texts, seeded);
        for (int round = 0; round < settings.rounds(); round++) {
            List<double[]> shares = new ArrayList<>();
            for (String text : texts) {
                double[] posterior = probabilities(text);
                double best = 0;
                for (double p : posterior) {
                    best = Math.max(best, p);
                }
                shares.add(best >= settings.confidence() ? posterior : new double[textsOf.length]);
            }
            fit(texts, shares);
        }
    }

    private List<String> grams(String text) {
        List<String> grams = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            if (i > 0) {
                grams.add(text.substring(i - 1, i + 1));
            }
            if (settings.unigrams()) {
                grams.add(text.substring(i, i + 1));
            }
        }
        return grams;
    }

    private void fit(List<String> texts, List<double[]> shares) {
        counts.clear();
        for (int label = 0; label < textsOf.length; label++) {
            Map<String, Double> of = new HashMap<>();
            textsOf[label] = 0;
            for (int text = 0; text < texts.size(); text++) {
                double share = shares.get(text)[label];
                textsOf[label] += share;
                grams(texts.get(text)).stream()
                        .filter(corpus::containsKey)
                        .forEach(gram -> of.merge(gram, share, Double::sum));
            }
            counts.add(of);
        }
    }

    double[] probabilities(String text) {
        double all = sum(corpus);
        double imagined = settings.smoothing() * corpus.size();
        double texts = 0;
        for (double count : textsOf) {
            texts += count;
        }
        double[] joint = new double[textsOf.length];
        double sum = 0;
        for (int label = 0; label < joint.length; label++) {
            joint[label] = settings.prior() == Prior.UNIFORM ? 1 : (textsOf[label] + 1) / (texts + joint.length);
            for (String gram : grams(text)) {
                if (corpus.containsKey(gram)) {
                    double count = counts.get(label).getOrDefault(gram, 0.0);
                    double background = imagined * corpus.get(gram) / all;
                    joint[label] *= (count + background) / (sum(counts.get(label)) + imagined);
                }
            }
            sum += joint[label];
        }
        for (int label = 0; label < joint.length; label++) {
            joint[label] /= sum;
        }
        return joint;
    }

    private static double sum(Map<String, Double> counts) {
        return counts.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
