package io.github.gptmoe.eval.scoring;

import java.util.List;

/**
 * What rules work on.
 *
 * @param scores a row for each text, a score for each of its candidates
 * @param characters for each row, the characters (code points) of each label word; empty if no rule needs them
 * @param contentFree a row for each text without content, its candidates those of every row of {@code scores}; empty if no
 *     rule needs them
 * @param premise scores of the same candidates after the premise of the task alone; empty if no rule needs them
 */
public record ScoredRows(
        List<List<CandidateScore>> scores,
        List<List<Integer>> characters,
        List<List<CandidateScore>> contentFree,
        List<CandidateScore> premise) {
    /**
     * Copies the lists.
     *
     * @param scores as above
     * @param characters as above
     * @param contentFree as above
     * @param premise as above
     */
    public ScoredRows {
        scores = List.copyOf(scores);
        characters = List.copyOf(characters);
        contentFree = List.copyOf(contentFree);
        premise = List.copyOf(premise);
    }

    /**
     * Scores alone.
     *
     * @param scores as above
     * @return rows without anything else
     */
    public static ScoredRows of(List<List<CandidateScore>> scores) {
        return new ScoredRows(scores, List.of(), List.of(), List.of());
    }

    /**
     * Adds lengths of the label words.
     *
     * @param counts as above
     * @return other rows
     */
    public ScoredRows withCharacters(List<List<Integer>> counts) {
        return new ScoredRows(scores, counts, contentFree, premise);
    }

    /**
     * Adds scores in texts without content.
     *
     * @param inputs as above
     * @return other rows
     */
    public ScoredRows withContentFree(List<List<CandidateScore>> inputs) {
        return new ScoredRows(scores, characters, inputs, premise);
    }

    /**
     * Adds scores after the premise.
     *
     * @param candidates as above
     * @return other rows
     */
    public ScoredRows withPremise(List<CandidateScore> candidates) {
        return new ScoredRows(scores, characters, contentFree, candidates);
    }

    /** Label log-probabilities of all rows. */
    double[][] labels(String rule) {
        return labels(rule, scores);
    }

    /** Label log-probabilities of the texts without content, of which there must be one. */
    double[][] contentFreeLabels(String rule) {
        require(!contentFree.isEmpty(), rule, "the scores of texts without content");
        return labels(rule, contentFree);
    }

    /** Label log-probabilities after the premise. */
    double[] premiseLabels(String rule) {
        require(!premise.isEmpty(), rule, "the scores after the premise");
        return labels(rule, List.of(premise))[0];
    }

    /** Lengths of the label words of a row. */
    int[] characters(String rule, int row) {
        require(characters.size() == scores.size(), rule, "the characters of every row's labels");
        int[] counts = characters.get(row).stream().mapToInt(Integer::intValue).toArray();
        requireCandidates(rule, row, counts.length);
        return counts;
    }

    /** Refuses what would compare candidates of different kinds. */
    void requireCandidates(String rule, int row, int candidates) {
        if (scores.get(row).size() != candidates) {
            throw new IllegalArgumentException("rule " + rule + ": row " + row + " has "
                    + scores.get(row).size() + " candidates where " + candidates + " are expected");
        }
    }

    private static double[][] labels(String rule, List<List<CandidateScore>> rows) {
        return rows.stream()
                .map(row -> row.stream()
                        .mapToDouble(CandidateScore::labelLogProbability)
                        .map(score -> known(rule, score))
                        .toArray())
                .toArray(double[][]::new);
    }

    private static void require(boolean there, String rule, String what) {
        if (!there) {
            throw new IllegalArgumentException("rule " + rule + " needs " + what);
        }
    }

    /** NaN would be ranked as if it were the greatest. */
    static double known(String rule, double score) {
        require(!Double.isNaN(score), rule, "a part of the texts that was not scored");
        return score;
    }
}
