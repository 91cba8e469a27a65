package io.github.gptmoe.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Beam search: keeps the {@code width} most probable beginnings, and returns the text with the greatest {@code
 * log-probability / length^lengthPower} (the end-of-document token counts as one of its tokens). It stops when as many
 * texts have ended as the beam is wide. Deterministic; width 1 is greedy decoding.
 *
 * @param width beginnings that are kept, 1 to 1024
 * @param lengthPower 0 compares sums, which favours short texts; 1 compares means a token
 */
public record BeamSearch(int width, double lengthPower) implements Decoding {
    private static final int MOST_WIDTH = 1024; // Every beginning has its own rows in the cache.

    /**
     * Checks the numbers.
     *
     * @param width beginnings that are kept
     * @param lengthPower exponent of the length
     */
    public BeamSearch {
        if (width < 1 || width > MOST_WIDTH) {
            throw new IllegalArgumentException("beam width is " + width + ", but must be between 1 and " + MOST_WIDTH);
        }
        if (!(lengthPower >= 0 && Double.isFinite(lengthPower))) {
            throw new IllegalArgumentException("length power is " + lengthPower + ", but must be at least 0");
        }
    }

    @Override
    public Continued continueText(TextBatch start, Limits limits, IntConsumer listener) {
        Continued best = new Beam(this, limits, start).grow();
        best.ids().forEach(listener::accept);
        return best;
    }

    /** A beginning, with its sum of log-probabilities. */
    private record Hypothesis(List<Integer> ids, double logProbability) {}

    /** A token after the beginning that stands in some place of the beam. */
    private record Step(int place, int id, double logProbability) {}

    private record Scored(Continued text, double score) {}

    /** The state of one search; hypothesis i is text i of the batch. */
    private static final class Beam {
        private final BeamSearch search;
        private final Limits limits;
        private final TextBatch texts;
        private final List<Scored> results = new ArrayList<>();
        private List<Hypothesis> live = List.of(new Hypothesis(List.of(), 0));

        Beam(BeamSearch search, Limits limits, TextBatch texts) {
            this.search = search;
            this.limits = limits;
            this.texts = texts;
        }

        Continued grow() {
            int ended = 0;
            for (int length = 1; length <= limits.tokens() && ended < search.width; length++) {
                List<Step> kept = new ArrayList<>();
                List<Step> steps = bestSteps();
                for (int rank = 0; rank < steps.size() && kept.size() < search.width; rank++) {
                    Step step = steps.get(rank);
                    if (step.id() != limits.endOfDocument()) {
                        kept.add(step);
                    } else if (rank < search.width) {
                        // An end that ranks lower than what stays in the beam has lost already.
                        add(live.get(step.place()).ids(), true, step.logProbability(), length);
                        ended++;
                    }
                }
                follow(kept, length < limits.tokens() && ended < search.width);
            }
            if (ended < search.width) {
                live.forEach(cut ->
                        add(cut.ids(), false, cut.logProbability(), cut.ids().size()));
            }
            return best();
        }

        private void add(List<Integer> ids, boolean ended, double logProbability, int length) {
            double score = logProbability / Math.pow(Math.max(1, length), search.lengthPower);
            results.add(new Scored(new Continued(ids, ended), score));
        }

        /** Twice the width: even if every beginning could end here, enough remain to go on. */
        private List<Step> bestSteps() {
            List<Step> steps = new ArrayList<>();
            for (int place = 0; place < live.size(); place++) {
                float[] logits = texts.logits(place);
                double logSumExp = Softmax.logSumExp(logits);
                for (int id : BestIds.of(logits, 2 * search.width)) {
                    steps.add(new Step(place, id, live.get(place).logProbability() + logits[id] - logSumExp));
                }
            }
            // A stable sort: equals stay in the order of the beam, then of the ids.
            steps.sort(Comparator.comparingDouble(Step::logProbability).reversed());
            return steps.subList(0, Math.min(steps.size(), 2 * search.width));
        }

        /** The texts follow only if they will be asked again: what comes after the last token is not computed. */
        private void follow(List<Step> kept, boolean asked) {
            List<Hypothesis> next = new ArrayList<>();
            for (Step step : kept) {
                List<Integer> ids = new ArrayList<>(live.get(step.place()).ids());
                ids.add(step.id());
                next.add(new Hypothesis(ids, step.logProbability()));
            }
            live = next;
            if (asked) {
                texts.advance(
                        kept.stream().mapToInt(Step::place).toArray(),
                        kept.stream().mapToInt(Step::id).toArray());
            }
        }

        private Continued best() {
            // The first of equals: it was found with fewer tokens, or stood higher in the beam.
            return results.stream()
                    .reduce((best, other) -> other.score() > best.score() ? other : best)
                    .map(Scored::text)
                    .orElseThrow();
        }
    }
}
