package io.github.gptmoe.eval.english;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.model.HeadStage;
import io.github.gptmoe.core.model.NextTokens;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.core.model.TokenTree;
import io.github.gptmoe.core.model.TokenTrees;
import io.github.gptmoe.eval.TrainedModel;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Answers requests. Those with the same context share it: it passes the model once, with all continuations behind it as one
 * tree. Trees of like size share a batch. Neither changes an answer by more than rounding (below 1e-4 in FP32).
 */
public final class LoglikelihoodScorer {
    /** Positions of a batch, padding included: enough to fill the cores, little memory. */
    private static final int POSITIONS_PER_BATCH = 4096;

    /** Positions whose logits exist at a time. */
    private static final int HEAD_CHUNK = 256;

    private final TrainedModel trained;

    /**
     * Makes a scorer.
     *
     * @param trained the model; stays open while the scorer is used
     */
    public LoglikelihoodScorer(TrainedModel trained) {
        this.trained = trained;
    }

    /** Requests with one context, by their numbers. */
    private record Shared(List<Integer> numbers, List<int[]> continuations, TokenTree tree) {
        LongStream pairs(int first) {
            return IntStream.range(0, continuations.size())
                    .boxed()
                    .flatMapToLong(branch -> IntStream.range(0, continuations.get(branch).length)
                            .mapToLong(token -> NextTokens.pair(
                                    first + tree.place(branch, token),
                                    continuations.get(branch)[token])));
        }
    }

    /**
     * Scores requests.
     *
     * @param requests any number of them
     * @return an answer for each, in the order given
     * @throws IllegalArgumentException if a request is longer than the model reaches or has ids beyond its vocabulary; the
     *     message has the number of the request
     */
    public List<LoglikelihoodAnswer> score(List<LoglikelihoodRequest> requests) {
        for (int i = 0; i < requests.size(); i++) {
            requireUsable(requests.get(i), i);
        }
        KernelModule.enter();
        LoglikelihoodAnswer[] answers = new LoglikelihoodAnswer[requests.size()];
        List<Shared> batch = new ArrayList<>();
        for (Shared shared : shared(requests)) {
            if (!batch.isEmpty() && (long) (batch.size() + 1) * shared.tree.size() > POSITIONS_PER_BATCH) {
                answer(batch, answers);
                batch.clear();
            }
            batch.add(shared);
        }
        if (!batch.isEmpty()) {
            answer(batch, answers);
        }
        return List.of(answers);
    }

    private void requireUsable(LoglikelihoodRequest request, int number) {
        int positions = request.context().length + request.continuation().length - 1;
        if (positions > trained.sequenceLength()) {
            throw new IllegalArgumentException("request " + number + " takes " + positions
                    + " positions and the model has " + trained.sequenceLength());
        }
        int vocabulary = trained.model().config().vocabulary();
        Stream.of(request.context(), request.continuation())
                .flatMapToInt(Arrays::stream)
                .filter(id -> id < 0 || id >= vocabulary)
                .findFirst()
                .ifPresent(id -> {
                    throw new IllegalArgumentException(
                            "request " + number + ": id " + id + " is not below the vocabulary size " + vocabulary);
                });
    }

    /** Ascending in size, so that little is padding. */
    private static List<Shared> shared(List<LoglikelihoodRequest> requests) {
        Map<IntBuffer, List<Integer>> byContext = new LinkedHashMap<>();
        for (int i = 0; i < requests.size(); i++) {
            byContext
                    .computeIfAbsent(IntBuffer.wrap(requests.get(i).context()), context -> new ArrayList<>())
                    .add(i);
        }
        return byContext.entrySet().stream()
                .map(entry -> {
                    List<int[]> continuations = entry.getValue().stream()
                            .map(number -> requests.get(number).continuation())
                            .toList();
                    return new Shared(
                            entry.getValue(),
                            continuations,
                            TokenTree.of(entry.getKey().array(), continuations));
                })
                .sorted(Comparator.comparingInt(shared -> shared.tree.size()))
                .toList();
    }

    private void answer(List<Shared> batch, LoglikelihoodAnswer[] into) {
        List<TokenTree> trees = batch.stream().map(Shared::tree).toList();
        int length = TokenTrees.length(trees);
        NextTokens asked = NextTokens.of(IntStream.range(0, batch.size())
                .boxed()
                .flatMapToLong(row -> batch.get(row).pairs(row * length)));
        HeadStage.Answers answers = nextTokens(trees, asked);
        for (int row = 0; row < batch.size(); row++) {
            Shared shared = batch.get(row);
            for (int branch = 0; branch < shared.continuations.size(); branch++) {
                int[] continuation = shared.continuations.get(branch);
                double sum = 0;
                boolean greedy = true;
                for (int token = 0; token < continuation.length; token++) {
                    int at = asked.index(row * length + shared.tree.place(branch, token), continuation[token]);
                    sum += answers.logProbabilities()[at];
                    greedy &= answers.best()[at] == continuation[token];
                }
                into[shared.numbers.get(branch)] = new LoglikelihoodAnswer(sum, greedy);
            }
        }
    }

    private HeadStage.Answers nextTokens(List<TokenTree> trees, NextTokens asked) {
        try (NDManager scope = trained.manager().newSubManager()) {
            StageContext context = StageContext.evaluation(scope, trained.precision());
            NDArray xBLD = trained.model().hidden(trained.weights(), TokenTrees.of(scope, trees), context);
            return trained.model().head().nextTokens(trained.weights(), xBLD, asked, context, HEAD_CHUNK);
        }
    }
}
