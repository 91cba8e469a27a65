package io.github.gptmoe.eval.scoring;

import io.github.gptmoe.eval.SequenceScorer;
import io.github.gptmoe.eval.TrainedModel;
import java.util.List;

/**
 * Log-probabilities of candidates. All ways give the same numbers up to rounding: below 1e-4 in FP32, unless a router's two
 * best experts are as close as that.
 */
public interface CandidateScorer {
    /**
     * Scores the candidates of several prompts.
     *
     * @param prompts any number of them
     * @param parts how much of the texts is scored
     * @return for each prompt, in the order given, a score for each candidate, in the order given
     * @throws IllegalArgumentException if a prompt is longer than the model's sequence length or has ids beyond its
     *     vocabulary; the message has the index of the prompt
     */
    List<List<CandidateScore>> score(List<CandidatePrompt> prompts, ScoreParts parts);

    /**
     * The fast way: what stands before the candidates passes the model once, beginnings that candidates share, too.
     *
     * @param trained the model; stays open while the scorer is used
     * @return a scorer that any thread may call
     */
    static CandidateScorer shared(TrainedModel trained) {
        return new SharedScorer(trained);
    }

    /**
     * The plain way: every candidate is filled in, and the texts pass the model side by side.
     *
     * @param trained the model; stays open while the scorer is used
     * @return a scorer that any thread may call
     */
    static CandidateScorer naive(TrainedModel trained) {
        return new NaiveScorer(trained, new SequenceScorer(trained)::score);
    }

    /**
     * The plainest way: every candidate is filled in, and the texts pass the model one after the other. To compare with.
     *
     * @param trained the model; stays open while the scorer is used
     * @return a scorer that any thread may call
     */
    static CandidateScorer oneByOne(TrainedModel trained) {
        SequenceScorer scorer = new SequenceScorer(trained);
        return new NaiveScorer(
                trained,
                sequences -> sequences.stream()
                        .map(sequence -> scorer.score(List.of(sequence)).get(0))
                        .toList());
    }
}
