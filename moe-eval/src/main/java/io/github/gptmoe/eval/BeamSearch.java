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
    private static final int MOST_WIDTH = 1024; // Every beginning keeps its own attention cache.

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
    public Continued continueText(Continuation start, Limits limits, IntConsumer listener) {
        Beam beam = new Beam(this, limits, start.fork());
        try {
            beam.grow();
        } finally {
            beam.close();
        }
        Continued best = beam.best();
        best.ids().forEach(listener::accept);
        return best;
    }

    /** A beginning, with its sum of log-probabilities. */
    private record Hypothesis(Continuation text, List<Integer> ids, double logProbability) {}

    /** A beginning and a token after it. */
    private record Step(Hypothesis from, int id, double logProbability) {
        List<Integer> ids() {
            List<Integer> ids = new ArrayList<>(from.ids());
            ids.add(id);
            return ids;
        }
    }

    private record Scored(Continued text, double score) {}

    /** The state of one search. */
    private static final class Beam {
        private final BeamSearch search;
        private final Limits limits;
        private final List<Scored> results = new ArrayList<>();
        private List<Hypothesis> live = new ArrayList<>();

        Beam(BeamSearch search, Limits limits, Continuation start) {
            this.search = search;
            this.limits = limits;
            live.add(new Hypothesis(start, List.of(), 0));
        }

        void grow() {
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
                        add(step.from().ids(), true, step.logProbability(), length);
                        ended++;
                    }
                }
                live = follow(kept);
            }
            if (ended < search.width) {
                live.forEach(cut ->
                        add(cut.ids(), false, cut.logProbability(), cut.ids().size()));
            }
        }

        private void add(List<Integer> ids, boolean ended, double logProbability, int length) {
            double score = logProbability / Math.pow(Math.max(1, length), search.lengthPower);
            results.add(new Scored(new Continued(ids, ended), score));
        }

        /** Twice the width: even if every beginning could end here, enough remain to go on. */
        private List<Step> bestSteps() {
            List<Step> steps = new ArrayList<>();
            for (Hypothesis hypothesis : live) {
                float[] logits = hypothesis.text().logits();
                double logSumExp = Softmax.logSumExp(logits);
                for (int id : BestIds.of(logits, 2 * search.width)) {
                    steps.add(new Step(hypothesis, id, hypothesis.logProbability() + logits[id] - logSumExp));
                }
            }
            // A stable sort: equals stay in the order of the beam, then of the ids.
            steps.sort(Comparator.comparingDouble(Step::logProbability).reversed());
            return steps.subList(0, Math.min(steps.size(), 2 * search.width));
        }

        /** The first step from a beginning takes over its continuation, further ones fork, beginnings without are closed. */
        private List<Hypothesis> follow(List<Step> kept) {
            List<Hypothesis> next = new ArrayList<>();
            for (int i = 0; i < kept.size(); i++) {
                Step step = kept.get(i);
                boolean forks = kept.subList(i + 1, kept.size()).stream()
                        .anyMatch(later -> later.from().equals(step.from()));
                Continuation text = step.from().text();
                next.add(new Hypothesis(forks ? text.fork() : text, step.ids(), step.logProbability()));
            }
            for (Hypothesis hypothesis : live) {
                if (kept.stream().noneMatch(step -> step.from().equals(hypothesis))) {
                    hypothesis.text().close();
                }
            }
            next.forEach(hypothesis -> hypothesis
                    .text()
                    .append(hypothesis.ids().get(hypothesis.ids().size() - 1)));
            return next;
        }

        Continued best() {
            // The first of equals: it was found with fewer tokens, or stood higher in the beam.
            return results.stream()
                    .reduce((best, other) -> other.score() > best.score() ? other : best)
                    .map(Scored::text)
                    .orElseThrow();
        }

        void close() {
            live.forEach(hypothesis -> hypothesis.text().close());
        }
    }
}
