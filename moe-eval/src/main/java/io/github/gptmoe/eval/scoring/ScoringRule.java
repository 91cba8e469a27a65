package io.github.gptmoe.eval.scoring;

import java.util.Set;

/**
 * Turns log-probabilities of candidates into scores to rank by: a pure function. A new one is one class and a line in
 * {@link ScoringRules}.
 */
public interface ScoringRule {
    /** What a rule may need besides the scores of the rows. */
    enum Need {
        /** Lengths of the label words in characters. */
        CHARACTERS,
        /** Scores of the same candidates in prompts whose text says nothing. */
        CONTENT_FREE,
        /** Scores of the same candidates after the premise of the task alone. */
        PREMISE
    }

    /**
     * The name in task files and on the command line.
     *
     * @return lower case, words joined by hyphens
     */
    String name();

    /**
     * How much of the texts must be scored, no more.
     *
     * @return the label alone, unless the rule says otherwise
     */
    default ScoreParts parts() {
        return ScoreParts.LABEL;
    }

    /**
     * What else the rows must bring.
     *
     * @return nothing, unless the rule says otherwise
     */
    default Set<Need> needs() {
        return Set.of();
    }

    /**
     * Scores the candidates of every row.
     *
     * @param rows log-probabilities of at least the {@link #parts}, and what the rule {@link #needs}
     * @return for each row a score for each candidate; the greatest is the choice
     * @throws IllegalArgumentException if something is missing, or rows differ in their candidates and the rule compares
     *     across rows
     */
    double[][] score(ScoredRows rows);
}
