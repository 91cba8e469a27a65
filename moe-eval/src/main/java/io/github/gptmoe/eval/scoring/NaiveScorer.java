package io.github.gptmoe.eval.scoring;

import io.github.gptmoe.eval.TrainedModel;
import java.util.ArrayList;
import java.util.List;

/** Every candidate is a whole text of its own. */
final class NaiveScorer implements CandidateScorer {
    /** Prompts whose texts exist at a time. */
    private static final int PROMPTS = 64;

    private final TrainedModel trained;
    private final Sequences sequences;

    /** Log-probabilities of every token of some sequences, the first of each left open. */
    interface Sequences {
        List<double[]> score(List<int[]> sequences);
    }

    NaiveScorer(TrainedModel trained, Sequences sequences) {
        this.trained = trained;
        this.sequences = sequences;
    }

    @Override
    public List<List<CandidateScore>> score(List<CandidatePrompt> prompts, ScoreParts parts) {
        PromptChecks.requireUsable(prompts, parts, trained.model().config());
        List<List<CandidateScore>> scores = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += PROMPTS) {
            some(prompts.subList(from, Math.min(from + PROMPTS, prompts.size())), parts, scores);
        }
        return scores;
    }

    private void some(List<CandidatePrompt> prompts, ScoreParts parts, List<List<CandidateScore>> into) {
        List<int[]> texts = new ArrayList<>();
        for (CandidatePrompt prompt : prompts) {
            prompt.branches(parts).forEach(branch -> texts.add(CandidatePrompt.joined(prompt.before(), branch)));
        }
        List<double[]> tokens = sequences.score(texts);
        int text = 0;
        for (CandidatePrompt prompt : prompts) {
            List<CandidateScore> scores = new ArrayList<>();
            for (int candidate = 0; candidate < prompt.candidates().size(); candidate++) {
                double[] of = tokens.get(text++);
                int begin = prompt.before().length;
                int end = begin + prompt.candidates().get(candidate).length;
                scores.add(CandidateScore.of(
                        prompt,
                        candidate,
                        parts,
                        new CandidateScore.Sums(sum(of, 1, begin), sum(of, begin, end), sum(of, end, of.length))));
            }
            into.add(scores);
        }
    }

    private static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum;
    }
}
