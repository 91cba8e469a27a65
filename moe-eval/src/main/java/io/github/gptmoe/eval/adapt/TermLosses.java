package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.SegmentTokens;
import io.github.gptmoe.eval.SequenceScorer;
import io.github.gptmoe.eval.TrainedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model loses on the terms of the adaptation's loss, each by itself: {@code sum w_e nll_t / sum w_e} over the tokens t of
 * a kind, with w_e the weight of their example, in nats. The coefficients a, b and c are not in it.
 *
 * @param context the task's own text
 * @param prompt the fixed words of the pattern
 * @param label the label, given everything else
 */
public record TermLosses(Term context, Term prompt, Term label) {
    /**
     * One term.
     *
     * @param tokens of this kind, ends of documents included
     * @param loss mean over them, nats a token; NaN if there is none
     */
    public record Term(long tokens, double loss) {}

    /**
     * Measures.
     *
     * @param trained the model
     * @param file of segments; examples stand between two ends of document and are cut as in training
     * @return the terms
     * @throws InputException if the file cannot be read
     */
    public static TermLosses of(TrainedModel trained, Path file) {
        List<SegmentTokens> examples = SegmentTokens.read(file, trained.tokenizer(), trained.sequenceLength());
        int end = trained.tokenizer().endOfDocument();
        List<double[]> scores = new SequenceScorer(trained)
                .score(examples.stream()
                        .map(example -> IntStream.concat(IntStream.of(end), IntStream.of(example.ids()))
                                .toArray())
                        .toList());
        return new TermLosses(
                term("context", examples, scores), term("prompt", examples, scores), term("label", examples, scores));
    }

    /** {@code scores[example][token + 1]} is of the example's token: the end of document before it has no score. */
    private static Term term(String kind, List<SegmentTokens> examples, List<double[]> scores) {
        long tokens = 0;
        double weight = 0;
        double loss = 0;
        for (int i = 0; i < examples.size(); i++) {
            SegmentTokens example = examples.get(i);
            for (int token = 0; token < example.ids().length; token++) {
                if (example.kinds().get(token).equals(kind)) {
                    tokens++;
                    weight += example.weight();
                    loss -= example.weight() * scores.get(i)[token + 1];
                }
            }
        }
        return new Term(tokens, loss / weight);
    }
}
