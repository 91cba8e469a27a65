package io.github.gptmoe.eval.scoring;

import io.github.gptmoe.core.model.NextTokens;
import io.github.gptmoe.core.model.TokenTree;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Some candidates of a prompt as a tree, and what is asked of it.
 *
 * @param prompt index of the prompt
 * @param group its candidates
 * @param before tokens of the prompt
 * @param branches what follows for each candidate of the group
 * @param tree the tokens
 * @param scoresBefore whether the text before the candidates is scored here
 */
@SuppressWarnings("ArrayRecordComponent") // Made once, never compared.
record CandidateTree(
        int prompt, TreeSplit.Group group, int[] before, List<int[]> branches, TokenTree tree, boolean scoresBefore) {

    /** Log-probability of a token after a place of the batch. */
    interface Answers {
        double of(int place, int id);
    }

    static CandidateTree of(
            int prompt, TreeSplit.Group group, int[] before, List<int[]> allBranches, boolean scoresBefore) {
        List<int[]> branches = allBranches.subList(group.from(), group.to());
        return new CandidateTree(prompt, group, before, branches, TokenTree.of(before, branches), scoresBefore);
    }

    /** Every (place, token) whose probability is needed, for a tree whose first place is {@code first}. */
    LongStream pairs(int first) {
        LongStream behind = IntStream.range(0, branches.size())
                .boxed()
                .flatMapToLong(branch -> IntStream.range(0, branches.get(branch).length)
                        .mapToLong(token ->
                                NextTokens.pair(first + tree.place(branch, token), branches.get(branch)[token])));
        return scoresBefore
                ? LongStream.concat(
                        IntStream.range(1, before.length)
                                .mapToLong(token -> NextTokens.pair(first + token - 1, before[token])),
                        behind)
                : behind;
    }

    /** Log-probability of the text before the candidates, after its first token. */
    double beforeSum(int first, Answers answers) {
        double sum = 0;
        for (int token = 1; token < before.length; token++) {
            sum += answers.of(first + token - 1, before[token]);
        }
        return sum;
    }

    /** Log-probability of tokens of a branch. */
    double branchSum(int first, int branch, int from, int to, Answers answers) {
        double sum = 0;
        for (int token = from; token < to; token++) {
            sum += answers.of(first + tree.place(branch, token), branches.get(branch)[token]);
        }
        return sum;
    }
}
