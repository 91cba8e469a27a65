package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.naive.NaiveLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trees of unequal size side by side, against the whole model in float64 on each way from a root. */
class TokenTreesTest {
    private static final int D = 16;
    private static final int V = 20;
    private static final List<int[]> PREFIXES = List.of(new int[] {3, 1, 4, 1, 5}, new int[] {9}, new int[] {2, 6, 5});

    /** Common beginnings, one that is the beginning of another, and one text with a single continuation. */
    private static final List<List<int[]>> BRANCHES = List.of(
            List.of(new int[] {7, 8, 2}, new int[] {7, 8}, new int[] {7, 3, 3, 1}, new int[] {0}, new int[] {19, 2}),
            List.of(new int[] {1, 2, 3, 4, 5}),
            List.of(new int[] {4, 4, 4, 4}, new int[] {4, 4, 5, 4}, new int[] {5, 4, 4}));

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    private static List<TokenTree> trees() {
        return IntStream.range(0, PREFIXES.size())
                .mapToObj(i -> TokenTree.of(PREFIXES.get(i), BRANCHES.get(i)))
                .toList();
    }

    private interface Check {
        void accept(int tree, int branch, int token, double logProbability);
    }

    /** Asks for every token of every branch. */
    private static void ask(GptModel model, NDManager owner, Precision precision, int chunk, Check check) {
        List<TokenTree> trees = trees();
        int length = TokenTrees.length(trees);
        WeightStore weights = new WeightStore(owner, model, precision);
        try (NDManager scope = owner.newSubManager()) {
            StageContext context = StageContext.evaluation(scope, precision);
            NDArray xBLD = model.hidden(weights, TokenTrees.of(scope, trees), context);
            List<Long> pairs = new ArrayList<>();
            forEach((tree, branch, token) -> pairs.add(NextTokens.pair(
                    tree * length + trees.get(tree).place(branch, token),
                    BRANCHES.get(tree).get(branch)[token])));
            NextTokens asked = NextTokens.of(pairs.stream().mapToLong(Long::longValue));
            float[] answers = model.head().logProbabilities(weights, xBLD, asked, context, chunk);
            assertThat(answers).hasSize(asked.size());
            forEach((tree, branch, token) -> check.accept(
                    tree,
                    branch,
                    token,
                    answers[
                            asked.index(
                                    tree * length + trees.get(tree).place(branch, token),
                                    BRANCHES.get(tree).get(branch)[token])]));
        }
    }

    private interface Token {
        void accept(int tree, int branch, int token);
    }

    private static void forEach(Token action) {
        for (int tree = 0; tree < BRANCHES.size(); tree++) {
            for (int branch = 0; branch < BRANCHES.get(tree).size(); branch++) {
                for (int token = 0; token < BRANCHES.get(tree).get(branch).length; token++) {
                    action.accept(tree, branch, token);
                }
            }
        }
    }

    /** Rounded weights and activations of a model of 4 blocks move a log-probability of size 3 by this much. */
    @ParameterizedTest
    @CsvSource({
        "dense, FP32, 1, 1e-4",
        "plain experts, FP32, 3, 1e-4",
        "residual experts, FP32, 256, 1e-4",
        "dense, BF16, 256, 0.1",
        "dense, FP16, 3, 0.02",
    })
    void everyTokenGetsTheProbabilityOfTheFloat64Model(String kind, Precision precision, int chunk, double tolerance) {
        List<Integer> experts = kind.equals("dense") ? List.of() : List.of(2, 4);
        ModelConfig config = Models.config(4, D, experts, kind.startsWith("residual"), 0);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            NaiveModel naive = new NaiveModel(config, Models.values(model), 0.5, 0.1);
            ask(model, owner, precision, chunk, (tree, branch, token, logProbability) -> {
                int[] way = BRANCHES.get(tree).get(branch);
                long[] seen = IntStream.concat(
                                IntStream.of(PREFIXES.get(tree)),
                                IntStream.of(way).limit(token))
                        .asLongStream()
                        .toArray();
                double[] logits = naive.logits(seen, seen.length);
                double expected =
                        logits[logits.length - V + way[token]] - NaiveLayers.logSumExp(logits, seen.length - 1, V);
                assertThat(logProbability)
                        .as("tree %d, branch %d, token %d", tree, branch, token)
                        .isCloseTo(expected, within(tolerance));
            });
        }
    }

    @Test
    void neighboursChangeNothingButRounding() {
        ModelConfig config = Models.config(2, D, List.of(4), true, 0);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            List<TokenTree> trees = trees();
            int length = TokenTrees.length(trees);
            float[] together =
                    model.hidden(weights, TokenTrees.of(owner, trees), context).toFloatArray();
            for (int row = 0; row < trees.size(); row++) {
                TokenTrees one = TokenTrees.of(owner, List.of(trees.get(row)));
                assertThat(one.validT()).isNull();
                float[] alone = model.hidden(weights, one, context).toFloatArray();
                assertThat(alone).hasSize(trees.get(row).size() * D);
                for (int i = 0; i < alone.length; i++) {
                    assertThat(together[row * length * D + i]).isCloseTo(alone[i], within(1e-5f));
                }
            }
        }
    }

    @Test
    void questionsAreAnsweredOnceAndOnlyIfAsked() {
        NextTokens asked = NextTokens.of(LongStream.of(
                NextTokens.pair(7, 3), NextTokens.pair(0, 5), NextTokens.pair(7, 3), NextTokens.pair(7, 1)));
        assertThat(asked.size()).isEqualTo(3);
        assertThat(asked.index(0, 5)).isZero();
        assertThat(asked.index(7, 1)).isEqualTo(1);
        assertThat(asked.index(7, 3)).isEqualTo(2);
        assertThatIllegalArgumentException().isThrownBy(() -> asked.index(0, 3));
    }

    @Test
    void whatTheModelCannotDoIsRefused() {
        try (NDManager owner = NDManager.newBaseManager()) {
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            GptModel model = Models.random(owner, Models.config(2, D, List.of(), false, 0), 5);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            int[] text = new Random(1).ints(12, 0, V).toArray();
            TokenTrees fits = TokenTrees.of(owner, List.of(TokenTree.of(text, List.of(new int[] {1}))));
            assertThat(model.hidden(weights, fits, context).getShape().get(1)).isEqualTo(12);
            TokenTrees tooLong = TokenTrees.of(owner, List.of(TokenTree.of(text, List.of(new int[] {1, 2}))));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.hidden(weights, tooLong, context))
                    .withMessageContaining("13 tokens for a model of 12 positions");
            GptModel dropping = new GptModel(Models.config(2, D, List.of(4), true, 0.5));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> dropping.hidden(weights, fits, context))
                    .withMessageContaining("capacity factor 0.5");
            assertThatIllegalArgumentException().isThrownBy(() -> TokenTrees.of(owner, List.of()));
        }
    }

    @Test
    void nothingStaysBehind() {
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, Models.config(4, D, List.of(2, 4), true, 0), 5);
            WeightStore weights = new WeightStore(owner, model, Precision.BF16);
            try (NDManager scope = owner.newSubManager()) {
                TokenTrees trees = TokenTrees.of(scope, trees());
                int arrays = scope.getManagedArrays().size();
                StageContext context = StageContext.evaluation(scope, Precision.BF16);
                NDArray xBLD = model.hidden(weights, trees, context);
                assertThat(scope.getManagedArrays()).hasSize(arrays + 1);
                model.head().logProbabilities(weights, xBLD, NextTokens.of(LongStream.of(3)), context, 4);
                assertThat(scope.getManagedArrays()).hasSize(arrays + 1);
            }
        }
    }
}
