package io.github.gptmoe.eval.lexical;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.Largest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Multinomial naive Bayes over characters and their pairs that learns from texts without labels, given a few indicative words for each
 * label. What a language model adds to a task is what it has above this.
 *
 * <p>A text goes to the label whose seed words it has most of (longest match, so 不满意 is no hit of 满意; labels with equally
 * many share it). Then, in rounds, the classifier labels all texts and learns from them: expectation maximisation, after
 * Nigam et al. 2000, Text Classification from Labeled and Unlabeled Documents using EM. The probability of a gram g under a
 * label c is {@code (n(g, c) + smoothing * V * p(g)) / (n(c) + smoothing * V)} with p the distribution in all texts and V
 * the number of grams: a label with few texts is close to the average text, and neither attracts nor repels what is rare.
 *
 * <p>The same arguments give the same bits on every machine. Immutable; any thread may use it.
 */
public final class LexicalClassifier {
    private final GramVocabulary vocabulary;
    private final int labels;
    private final Settings settings;
    private final double[] logPrior;
    private final double[] seededTexts;

    /** Log-probability of a gram under each label, the labels of one gram side by side. */
    private final double[] logLikelihood;

    /** What is held about how common labels are. */
    public enum Prior {
        /** All alike, as where classes are known to be balanced. */
        UNIFORM,
        /** As the rounds find them. */
        ESTIMATED
    }

    /**
     * How it learns.
     *
     * @param rounds of self-training after the first fit to the seeded texts, 0 or more
     * @param smoothing imagined occurrences of a gram of average frequency in each label, above 0
     * @param prior how common labels are taken to be
     * @param confidence lowest probability of its best label at which a text takes part in a round, from 0 to below 1
     * @param unigrams whether single characters count beside pairs
     */
    public record Settings(int rounds, double smoothing, Prior prior, double confidence, boolean unigrams) {
        /**
         * Rejects what is out of range.
         *
         * @param rounds as above
         * @param smoothing as above
         * @param prior as above
         * @param confidence as above
         * @param unigrams as above
         */
        public Settings {
            Objects.requireNonNull(prior, "prior");
            if (rounds < 0) {
                throw new IllegalArgumentException("rounds must be 0 or more, not " + rounds);
            }
            if (!(smoothing > 0) || Double.isInfinite(smoothing)) {
                throw new IllegalArgumentException("smoothing must be above 0, not " + smoothing);
            }
            if (!(confidence >= 0 && confidence < 1)) {
                throw new IllegalArgumentException("confidence must be in [0, 1), not " + confidence);
            }
        }

        /**
         * What the baseline of reports uses, the same for all tasks.
         *
         * @return the settings
         */
        public static Settings standard() {
            return new Settings(1, 1, Prior.UNIFORM, 0, true);
        }
    }

    private LexicalClassifier(List<String> texts, SeedWords seeds, int labels, Settings settings) {
        this.vocabulary = new GramVocabulary(texts, settings.unigrams());
        this.labels = labels;
        this.settings = settings;
        this.logPrior = new double[labels];
        this.seededTexts = new double[labels];
        this.logLikelihood = new double[Math.multiplyExact(vocabulary.size(), labels)];
        int[][] grams = texts.stream().map(vocabulary::encode).toArray(int[][]::new);
        double[][] shares = texts.stream().map(seeds::shares).toArray(double[][]::new);
        for (double[] share : shares) {
            add(share, seededTexts);
        }
        requireSeeded(texts.size());
        fit(grams, shares);
        for (int round = 0; round < settings.rounds(); round++) {
            for (int text = 0; text < grams.length; text++) {
                shares[text] = confident(posterior(grams[text]));
            }
            fit(grams, shares);
        }
    }

    /**
     * Learns.
     *
     * @param texts without labels
     * @param seedsPerLabel a few indicative words for each label; a word may belong to several
     * @param settings how
     * @return the classifier
     * @throws IllegalArgumentException if there are fewer than two labels, or a seed word is blank
     * @throws InputException if no text has a seed word
     */
    public static LexicalClassifier train(List<String> texts, List<List<String>> seedsPerLabel, Settings settings) {
        if (seedsPerLabel.size() < 2) {
            throw new IllegalArgumentException("two labels or more are needed, not " + seedsPerLabel.size());
        }
        if (seedsPerLabel.stream().flatMap(List::stream).anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a seed word is blank: " + seedsPerLabel);
        }
        return new LexicalClassifier(texts, new SeedWords(seedsPerLabel), seedsPerLabel.size(), settings);
    }

    /**
     * How probable each label is.
     *
     * @param text any
     * @return a probability for each label, in their order, adding up to 1
     */
    public double[] probabilities(String text) {
        return posterior(vocabulary.encode(text));
    }

    /**
     * The most probable label.
     *
     * @param text any
     * @return its index; the first of equally probable ones
     */
    public int predict(String text) {
        return Largest.of(probabilities(text));
    }

    /**
     * How many texts each label began with. A label that began with none has learned little: its words do not occur.
     *
     * @return a number for each label, with fractions where labels shared a text
     */
    public double[] seededTexts() {
        return seededTexts.clone();
    }

    private void requireSeeded(int texts) {
        if (Arrays.stream(seededTexts).sum() == 0) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "none of the " + texts + " unlabelled texts has a seed word of any label, so the lexical labeller"
                            + " has nothing to start from; give words that occur in the texts");
        }
    }

    private void fit(int[][] grams, double[][] shares) {
        Arrays.fill(logLikelihood, 0);
        double[] gramsOf = new double[labels];
        double[] textsOf = new double[labels];
        for (int text = 0; text < grams.length; text++) {
            double[] share = shares[text];
            add(share, textsOf);
            for (int gram : grams[text]) {
                add(share, gramsOf);
                int first = gram * labels;
                for (int label = 0; label < labels; label++) {
                    logLikelihood[first + label] += share[label];
                }
            }
        }
        toLogarithms(gramsOf);
        double texts = Arrays.stream(textsOf).sum();
        for (int label = 0; label < labels; label++) {
            logPrior[label] =
                    settings.prior() == Prior.UNIFORM ? 0 : StrictMath.log((textsOf[label] + 1) / (texts + labels));
        }
    }

    private void toLogarithms(double[] gramsOf) {
        double all = 0;
        for (int gram = 0; gram < vocabulary.size(); gram++) {
            all += vocabulary.count(gram);
        }
        double imagined = settings.smoothing() * vocabulary.size();
        for (int gram = 0; gram < vocabulary.size(); gram++) {
            double background = imagined * vocabulary.count(gram) / all;
            for (int label = 0; label < labels; label++) {
                int at = gram * labels + label;
                logLikelihood[at] = StrictMath.log((logLikelihood[at] + background) / (gramsOf[label] + imagined));
            }
        }
    }

    private double[] posterior(int[] grams) {
        double[] scores = logPrior.clone();
        for (int gram : grams) {
            int first = gram * labels;
            for (int label = 0; label < labels; label++) {
                scores[label] += logLikelihood[first + label];
            }
        }
        double highest = scores[Largest.of(scores)];
        double sum = 0;
        for (int label = 0; label < labels; label++) {
            scores[label] = StrictMath.exp(scores[label] - highest);
            sum += scores[label];
        }
        for (int label = 0; label < labels; label++) {
            scores[label] /= sum;
        }
        return scores;
    }

    /** The same, or nothing if its best label is not probable enough. */
    private double[] confident(double[] posterior) {
        return posterior[Largest.of(posterior)] >= settings.confidence() ? posterior : new double[labels];
    }

    private static void add(double[] share, double[] sums) {
        for (int label = 0; label < share.length; label++) {
            sums[label] += share[label];
        }
    }
}
