package io.github.gptmoe.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The natural-log probability of every token given those before it, {@code logits[target] - logsumexp(logits)}; the
 * softmax is FP32, weights and activations have the precision of the model.
 *
 * <p>Sequences of like length share a batch. Batching changes a score by rounding only (below 1e-5 in FP32).
 */
public final class SequenceScorer {
    /** Positions of a batch, padding included: enough to fill the cores, little memory. */
    private static final int POSITIONS_PER_BATCH = 4096;

    /** Positions whose logits exist at a time. */
    private static final int HEAD_CHUNK = 256;

    private final TrainedModel trained;
    private final LongTexts longTexts;

    /**
     * Makes a scorer that refuses sequences beyond the model's reach.
     *
     * @param trained the model; stays open while the scorer is used
     */
    public SequenceScorer(TrainedModel trained) {
        this(trained, LongTexts.REFUSE);
    }

    /**
     * Makes a scorer.
     *
     * @param trained the model; stays open while the scorer is used
     * @param longTexts what to do with sequences beyond the model's reach
     */
    public SequenceScorer(TrainedModel trained, LongTexts longTexts) {
        this.trained = trained;
        this.longTexts = longTexts;
    }

    /**
     * Scores one text.
     *
     * @param text any text
     * @return its tokens with their scores
     * @throws InputException if the text is longer than the model's sequence length and such texts are refused
     */
    public ScoredText score(String text) {
        return scoreTexts(List.of(text)).get(0);
    }

    /**
     * Scores several texts.
     *
     * @param texts any texts
     * @return the tokens of each with their scores, in the order given
     * @throws InputException if a text is longer than the model's sequence length and such texts are refused
     */
    public List<ScoredText> scoreTexts(List<String> texts) {
        List<int[]> sequences = texts.stream().map(trained.tokenizer()::encode).toList();
        List<double[]> scores = score(sequences);
        return IntStream.range(0, sequences.size())
                .mapToObj(i -> scored(sequences.get(i), scores.get(i)))
                .toList();
    }

    private ScoredText scored(int[] ids, double[] scores) {
        Tokenizer tokenizer = trained.tokenizer();
        List<@Nullable Double> logProbabilities = new ArrayList<>();
        for (double score : scores) {
            logProbabilities.add(Double.isNaN(score) && logProbabilities.isEmpty() ? null : Double.valueOf(score));
        }
        return new ScoredText(
                Arrays.stream(ids).mapToObj(tokenizer::piece).toList(),
                Arrays.stream(ids).boxed().toList(),
                logProbabilities);
    }

    /**
     * Scores sequences of tokens.
     *
     * @param sequences ids below the model's vocabulary; may be empty, differ in length
     * @return for each sequence, in the order given, one value a token; the first is NaN, as nothing stands before it
     * @throws InputException if a sequence is longer than the model's sequence length and such texts are refused
     */
    public List<double[]> score(List<int[]> sequences) {
        List<double[]> scores = new ArrayList<>();
        List<ScoreWindow> windows = new ArrayList<>();
        for (int[] ids : sequences) {
            requireUsable(ids);
            double[] unscored = new double[ids.length];
            Arrays.fill(unscored, Double.NaN);
            windows.addAll(ScoreWindow.cover(scores.size(), ids.length, trained.sequenceLength()));
            scores.add(unscored);
        }
        KernelModule.enter();
        for (List<ScoreWindow> batch : batches(windows)) {
            score(batch, sequences, scores);
        }
        return scores;
    }

    private void requireUsable(int[] ids) {
        int vocabulary = trained.model().config().vocabulary();
        for (int id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException("id " + id + " is not below the vocabulary size " + vocabulary);
            }
        }
        // The last token is only predicted, so one more fits than the model has positions.
        int longest = trained.sequenceLength() + 1;
        if (longTexts == LongTexts.REFUSE && ids.length > longest) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "the text has " + ids.length + " tokens but the model of " + trained.checkpointFolder()
                            + " scores at most " + longest
                            + " at once; shorten or split it, or score it in overlapping windows (--window)");
        }
    }

    /** Like lengths together, so that little is padding; as many rows as fit {@link #POSITIONS_PER_BATCH}. */
    private static List<List<ScoreWindow>> batches(List<ScoreWindow> windows) {
        List<ScoreWindow> sorted = windows.stream()
                .sorted(Comparator.comparingInt(ScoreWindow::positions))
                .toList();
        List<List<ScoreWindow>> batches = new ArrayList<>();
        List<ScoreWindow> open = new ArrayList<>();
        for (ScoreWindow window : sorted) {
            if (!open.isEmpty() && (long) (open.size() + 1) * window.positions() > POSITIONS_PER_BATCH) {
                batches.add(open);
                open = new ArrayList<>();
            }
            open.add(window);
        }
        if (!open.isEmpty()) {
            batches.add(open);
        }
        return batches;
    }

    private void score(List<ScoreWindow> windows, List<int[]> sequences, List<double[]> into) {
        try (NDManager scope = trained.manager().newSubManager()) {
            PaddedBatch batch = PaddedBatch.of(scope, windows, sequences);
            StageContext context =
                    StageContext.evaluation(scope, trained.precision()).withValid(batch.validT());
            NDArray xBLD = trained.model().hidden(trained.weights(), batch.inputsBL(), context, (block, output) -> {});
            float[] lossesT = trained.model()
                    .head()
                    .tokenLosses(trained.weights(), xBLD, batch.targetsBL(), context, HEAD_CHUNK)
                    .toFloatArray();
            int length = PaddedBatch.length(windows);
            for (int row = 0; row < windows.size(); row++) {
                ScoreWindow window = windows.get(row);
                double[] scores = into.get(window.sequence());
                for (int token = window.firstScored(); token < window.end(); token++) {
                    scores[token] = -lossesT[row * length + token - window.start() - 1];
                }
            }
        }
    }
}
