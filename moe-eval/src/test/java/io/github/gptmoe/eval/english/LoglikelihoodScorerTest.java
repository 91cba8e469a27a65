package io.github.gptmoe.eval.english;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.TrainedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests against float64 loops, on a model with experts. */
class LoglikelihoodScorerTest {
    private static final int VOCABULARY = 544;

    @TempDir
    static Path folder;

    private static TinyRun run;
    private static TrainedModel trained;

    @BeforeAll
    static void open() {
        run = TinyRun.create(folder);
        trained = TrainedModel.open(folder, Precision.FP32);
    }

    @AfterAll
    static void close() {
        trained.close();
    }

    private static int best(double[] row) {
        return IntStream.range(0, row.length)
                .reduce((a, b) -> row[b] > row[a] ? b : a)
                .orElseThrow();
    }

    /** What greedy decoding writes, by the loops. */
    private static int[] greedy(int[] context, int length) {
        int[] text = context;
        for (int i = 0; i < length; i++) {
            double[][] rows = run.naive().logProbabilities(text);
            text = IntStream.concat(IntStream.of(text), IntStream.of(best(rows[rows.length - 1])))
                    .toArray();
        }
        return IntStream.of(text).skip(context.length).toArray();
    }

    /** Contexts with what greedy decoding writes behind them, whole, cut short and spoilt, and with other continuations. */
    private static List<LoglikelihoodRequest> requests() {
        Random random = new Random(3);
        List<LoglikelihoodRequest> requests = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int[] context = random.ints(1 + random.nextInt(15), 0, VOCABULARY).toArray();
            int[] written = greedy(context, 4);
            int[] spoilt = written.clone();
            spoilt[2] = (spoilt[2] + 1) % VOCABULARY;
            requests.add(new LoglikelihoodRequest(context, written, 0, false));
            requests.add(new LoglikelihoodRequest(context.clone(), spoilt, 0, false));
            requests.add(new LoglikelihoodRequest(context, new int[] {written[0]}, 0, false));
            requests.add(new LoglikelihoodRequest(
                    context, random.ints(3, 0, VOCABULARY).toArray(), 0, false));
        }
        return requests;
    }

    @Test
    void answersAreThoseOfFloat64Loops() {
        List<LoglikelihoodRequest> requests = requests();
        List<LoglikelihoodAnswer> answers = new LoglikelihoodScorer(trained).score(requests);
        assertThat(answers).hasSameSizeAs(requests);
        for (int i = 0; i < requests.size(); i++) {
            int[] context = requests.get(i).context();
            int[] continuation = requests.get(i).continuation();
            int[] text = IntStream.concat(IntStream.of(context), IntStream.of(continuation))
                    .toArray();
            double[][] rows = run.naive().logProbabilities(text);
            double sum = 0;
            boolean greedy = true;
            for (int t = context.length; t < text.length; t++) {
                sum += rows[t - 1][text[t]];
                greedy &= best(rows[t - 1]) == text[t];
            }
            assertThat(answers.get(i).logLikelihood()).as("request " + i).isCloseTo(sum, within(5e-4));
            assertThat(answers.get(i).greedy()).as("request " + i).isEqualTo(greedy);
        }
        assertThat(answers.stream().filter(LoglikelihoodAnswer::greedy)).hasSizeBetween(12, 18);
    }

    @Test
    void whatSharesABatchOrAContextChangesRoundingOnly() {
        List<LoglikelihoodRequest> requests = requests();
        LoglikelihoodScorer scorer = new LoglikelihoodScorer(trained);
        List<LoglikelihoodAnswer> together = scorer.score(requests);
        for (int i = 0; i < requests.size(); i++) {
            LoglikelihoodAnswer alone = scorer.score(List.of(requests.get(i))).get(0);
            assertThat(together.get(i).logLikelihood()).isCloseTo(alone.logLikelihood(), within(1e-4));
            assertThat(together.get(i).greedy()).isEqualTo(alone.greedy());
        }
        assertThat(scorer.score(List.of())).isEmpty();
    }

    @Test
    void contextAndContinuationAreEncodedApart() {
        Tokenizer tokenizer = trained.tokenizer();
        LoglikelihoodRequest request = LoglikelihoodRequest.of(tokenizer, "ab", " cd", TinyRun.SEQUENCE_LENGTH);
        assertThat(request.context()).isEqualTo(tokenizer.encode("ab"));
        assertThat(request.continuation()).isEqualTo(tokenizer.encodeContinuation(" cd"));
        assertThat(request.cutTokens()).isZero();
        LoglikelihoodRequest empty = LoglikelihoodRequest.of(tokenizer, "", " cd", TinyRun.SEQUENCE_LENGTH);
        assertThat(empty.context()).containsExactly(tokenizer.endOfDocument());
    }

    @Test
    void theLastTokensOfALongRequestAreKept() {
        Tokenizer tokenizer = trained.tokenizer();
        String context = "abcdefghijklmnopqrstuvwxyz".repeat(3);
        int[] whole = tokenizer.encode(context);
        int[] after = tokenizer.encodeContinuation(" cd");
        LoglikelihoodRequest request = LoglikelihoodRequest.of(tokenizer, context, " cd", TinyRun.SEQUENCE_LENGTH);
        int kept = TinyRun.SEQUENCE_LENGTH + 1 - after.length;
        assertThat(request.cutTokens()).isEqualTo(whole.length - kept).isPositive();
        assertThat(request.context())
                .isEqualTo(IntStream.of(whole).skip(whole.length - kept).toArray());
        assertThat(new LoglikelihoodScorer(trained)
                        .score(List.of(request))
                        .get(0)
                        .logLikelihood())
                .isNegative();
    }

    @Test
    void theLastTokensOfALongContinuationAreScored() {
        Tokenizer tokenizer = trained.tokenizer();
        String endless = "abcdefghijklmnopqrstuvwxyz".repeat(3);
        int[] after = tokenizer.encodeContinuation(endless);
        LoglikelihoodRequest request = LoglikelihoodRequest.of(tokenizer, "a", endless, TinyRun.SEQUENCE_LENGTH);
        assertThat(request.continuationCut()).isTrue();
        assertThat(request.context()).containsExactly(after[after.length - 25]);
        assertThat(request.continuation())
                .isEqualTo(IntStream.of(after).skip(after.length - 24).toArray());
        // Where it just fits, one token of the context is left.
        LoglikelihoodRequest fits = LoglikelihoodRequest.of(tokenizer, "xyz", endless, after.length);
        assertThat(fits.continuationCut()).isFalse();
        assertThat(fits.context()).hasSize(1);
        assertThat(fits.continuation()).isEqualTo(after);
    }

    @Test
    void whatCannotBeScoredIsRefused() {
        Tokenizer tokenizer = trained.tokenizer();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoglikelihoodRequest.of(tokenizer, "a", "", TinyRun.SEQUENCE_LENGTH))
                .withMessageContaining("no tokens");
        LoglikelihoodScorer scorer = new LoglikelihoodScorer(trained);
        LoglikelihoodRequest good = new LoglikelihoodRequest(new int[] {1}, new int[] {2}, 0, false);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        scorer.score(List.of(good, new LoglikelihoodRequest(new int[25], new int[] {2}, 0, false))))
                .withMessageContaining("request 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scorer.score(
                        List.of(good, new LoglikelihoodRequest(new int[] {VOCABULARY}, new int[] {2}, 0, false))))
                .withMessageContaining("id 544");
    }
}
