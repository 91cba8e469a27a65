package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountingBaselinesTest {
    private static final int VOCABULARY = 130;

    @TempDir
    Path folder;

    /** Words of a small Markov chain, so that pairs carry information. */
    private static String text(long seed, int documents) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int document = 0; document < documents; document++) {
            int state = random.nextInt(26);
            int length = 20 + random.nextInt(60);
            for (int i = 0; i < length; i++) {
                text.append((char) ('a' + state));
                state = random.nextInt(4) == 0 ? random.nextInt(26) : (state * 7 + 3) % 26;
            }
            text.append('\n');
        }
        return text.toString();
    }

    private TokenCorpus corpus(int documents) throws IOException {
        TestFiles.write(folder, "t.txt", text(1, documents));
        TestFiles.write(folder, "v.txt", text(2, 40));
        return CorpusPacker.pack(
                TestFiles.config(folder, List.of("t.txt"), List.of("v.txt"), 0.5), new CharTokenizer(VOCABULARY));
    }

    private static int[] all(TokenShards shards) {
        int[] tokens = new int[(int) shards.tokens()];
        shards.read(0, tokens);
        return tokens;
    }

    private static double[] naive(int[] train, int[] validation, double beta) {
        double[] unigram = new double[VOCABULARY];
        Map<List<Integer>, Integer> pairs = new HashMap<>();
        Map<Integer, Integer> contexts = new HashMap<>();
        for (int i = 0; i < train.length; i++) {
            unigram[train[i]]++;
            if (i > 0) {
                pairs.merge(List.of(train[i - 1], train[i]), 1, Integer::sum);
                contexts.merge(train[i - 1], 1, Integer::sum);
            }
        }
        double unigramLoss = 0;
        double bigramLoss = 0;
        for (int i = 1; i < validation.length; i++) {
            double p = (unigram[validation[i]] + 1) / (train.length + VOCABULARY);
            int pair = pairs.getOrDefault(List.of(validation[i - 1], validation[i]), 0);
            int context = contexts.getOrDefault(validation[i - 1], 0);
            unigramLoss -= Math.log(p);
            bigramLoss -= Math.log((pair + beta * p) / (context + beta));
        }
        return new double[] {unigramLoss / (validation.length - 1), bigramLoss / (validation.length - 1)};
    }

    @Test
    void agreesWithNaiveCounting() throws IOException {
        // More than one read buffer of training tokens.
        try (TokenCorpus corpus = corpus(2000)) {
            assertThat(corpus.train().tokens()).isGreaterThan(1 << 16);
            CountingBaselines baselines = onAll(corpus);
            double[] expected = naive(all(corpus.train()), all(corpus.validation()), baselines.bigramSmoothing());
            assertThat(baselines.unigramLoss()).isCloseTo(expected[0], within(1e-9));
            assertThat(baselines.bigramLoss()).isCloseTo(expected[1], within(1e-9));
            assertThat(baselines.bigramLoss()).isLessThan(baselines.unigramLoss() - 1);
        }
    }

    @Test
    void scoredOnTheTargetsOfTheValidationBatches() throws IOException {
        try (TokenCorpus corpus = corpus(30)) {
            BatchSource source = new BatchSource(corpus.validation(), 16, 0);
            for (int maxBatches : new int[] {1, 2, 7, 1_000}) {
                int[] scored = scored(source.validationBatches(3, maxBatches));
                assertThat(source.validationTargets(3, maxBatches)).isEqualTo(scored.length - 1);
                CountingBaselines baselines = CountingBaselines.of(
                        corpus.train(), corpus.validation(), source.validationTargets(3, maxBatches), VOCABULARY);
                double[] expected = naive(all(corpus.train()), scored, baselines.bigramSmoothing());
                assertThat(baselines.unigramLoss()).isCloseTo(expected[0], within(1e-9));
                assertThat(baselines.bigramLoss()).isCloseTo(expected[1], within(1e-9));
            }
        }
    }

    @Test
    void moreTargetsThanTokensAreRefused() throws IOException {
        try (TokenCorpus corpus = corpus(30)) {
            for (long targets : new long[] {0, corpus.validation().tokens()}) {
                assertThatThrownBy(() -> CountingBaselines.of(corpus.train(), corpus.validation(), targets, VOCABULARY))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    /** The first input and then every target, as the batches give them. */
    private static int[] scored(Iterable<TokenBatch> batches) {
        List<Integer> tokens = new ArrayList<>();
        for (TokenBatch batch : batches) {
            if (tokens.isEmpty()) {
                tokens.add((int) batch.inputs()[0]);
            }
            for (long target : batch.targets()) {
                tokens.add((int) target);
            }
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private static CountingBaselines onAll(TokenCorpus corpus) {
        long targets = corpus.validation().tokens() - 1;
        return CountingBaselines.of(corpus.train(), corpus.validation(), targets, VOCABULARY);
    }

    @Test
    void smoothingIsTheBestOne() throws IOException {
        try (TokenCorpus corpus = corpus(30)) {
            CountingBaselines baselines = onAll(corpus);
            for (double beta = 1e-3; beta < 1e7; beta *= 1.3) {
                double loss = naive(all(corpus.train()), all(corpus.validation()), beta)[1];
                assertThat(baselines.bigramLoss()).isLessThan(loss + 1e-3);
            }
        }
    }
}
