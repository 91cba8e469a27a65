package io.github.gptmoe.eval.scoring;

import java.util.Arrays;
import java.util.List;

/**
 * A text with several candidates for one place in it.
 *
 * @param before tokens before that place, at least one; the first is never scored, so it should be an end of document
 * @param candidates tokens of each candidate, at least one candidate of at least one token each
 * @param after tokens behind that place; empty if the candidate ends the text
 */
@SuppressWarnings("ArrayRecordComponent") // Made once and read by a scorer, never compared.
public record CandidatePrompt(int[] before, List<int[]> candidates, int[] after) {
    /**
     * Checks the parts.
     *
     * @param before as above
     * @param candidates as above
     * @param after as above
     */
    public CandidatePrompt {
        candidates = List.copyOf(candidates);
        if (before.length == 0) {
            throw new IllegalArgumentException(
                    "nothing stands before the candidates; begin with the end of a document");
        }
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("a prompt needs at least one candidate");
        }
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).length == 0) {
                throw new IllegalArgumentException("candidate " + i + " has no tokens");
            }
        }
    }

    /**
     * Positions that a model needs for it.
     *
     * @param parts what is to be scored
     * @return tokens of the longest filled-in text without its last one, which is only predicted
     */
    public int positions(ScoreParts parts) {
        return before.length
                + branches(parts).stream()
                        .mapToInt(branch -> branch.length)
                        .max()
                        .orElse(0)
                - 1;
    }

    /** What follows {@link #before} for each candidate, as far as it is scored. */
    List<int[]> branches(ScoreParts parts) {
        return parts == ScoreParts.LABEL || after.length == 0
                ? candidates
                : candidates.stream().map(candidate -> joined(candidate, after)).toList();
    }

    static int[] joined(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
