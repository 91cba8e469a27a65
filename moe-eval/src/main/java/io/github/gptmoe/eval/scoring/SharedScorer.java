package io.github.gptmoe.eval.scoring;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.model.NextTokens;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.core.model.TokenTree;
import io.github.gptmoe.core.model.TokenTrees;
import io.github.gptmoe.eval.TrainedModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The candidates of a prompt as one tree, or several where that is cheaper; trees of like size share a batch. */
final class SharedScorer implements CandidateScorer {
    /** Positions of a batch, padding included: enough to fill the cores, little memory. */
    static final int POSITIONS_PER_BATCH = 4096;

    /** Positions whose logits exist at a time. */
    private static final int HEAD_CHUNK = 256;

    /** Prompts whose trees exist at a time. */
    private static final int PROMPTS = 1024;

    private final TrainedModel trained;

    SharedScorer(TrainedModel trained) {
        this.trained = trained;
    }

    @Override
    public List<List<CandidateScore>> score(List<CandidatePrompt> prompts, ScoreParts parts) {
        PromptChecks.requireUsable(prompts, parts, trained.model().config());
        KernelModule.enter();
        List<List<CandidateScore>> scores = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += PROMPTS) {
            scores.addAll(some(prompts.subList(from, Math.min(from + PROMPTS, prompts.size())), parts));
        }
        return scores;
    }

    private List<List<CandidateScore>> some(List<CandidatePrompt> prompts, ScoreParts parts) {
        Collected collected = new Collected(prompts);
        List<CandidateTree> together = new ArrayList<>();
        for (CandidateTree tree : trees(prompts, parts)) {
            long positions = (long) (together.size() + 1) * tree.tree().size();
            if (!together.isEmpty() && positions > POSITIONS_PER_BATCH) {
                run(together, collected);
                together.clear();
            }
            together.add(tree);
        }
        if (!together.isEmpty()) {
            run(together, collected);
        }
        return collected.scores(parts);
    }

    /** Ascending in size, so that little is padding. */
    private List<CandidateTree> trees(List<CandidatePrompt> prompts, ScoreParts parts) {
        int width = trained.model().config().hidden();
        List<CandidateTree> trees = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] before = prompts.get(i).before();
            List<int[]> branches = prompts.get(i).branches(parts);
            for (TreeSplit.Group group : TreeSplit.cheapest(before.length, branches, width, POSITIONS_PER_BATCH)) {
                boolean scoresBefore = parts == ScoreParts.TEXT && group.from() == 0;
                trees.add(CandidateTree.of(i, group, before, branches, scoresBefore));
            }
        }
        trees.sort(Comparator.comparingInt(tree -> tree.tree().size()));
        return trees;
    }

    private void run(List<CandidateTree> batch, Collected into) {
        List<TokenTree> trees = batch.stream().map(CandidateTree::tree).toList();
        int length = TokenTrees.length(trees);
        NextTokens asked = NextTokens.of(IntStream.range(0, batch.size())
                .mapToObj(row -> batch.get(row).pairs(row * length))
                .flatMapToLong(pairs -> pairs));
        float[] answers = answers(trees, asked);
        for (int row = 0; row < batch.size(); row++) {
            into.add(batch.get(row), row * length, (place, id) -> answers[asked.index(place, id)]);
        }
    }

    private float[] answers(List<TokenTree> trees, NextTokens asked) {
        try (NDManager scope = trained.manager().newSubManager()) {
            StageContext context = StageContext.evaluation(scope, trained.precision());
            NDArray xBLD = trained.model().hidden(trained.weights(), TokenTrees.of(scope, trees), context);
            return trained.model().head().logProbabilities(trained.weights(), xBLD, asked, context, HEAD_CHUNK);
        }
    }

    /** Sums of the stretches of every filled-in text, from trees that come in any order. */
    private static final class Collected {
        private final List<CandidatePrompt> prompts;
        private final double[] before;
        private final double[][] label;
        private final double[][] after;

        Collected(List<CandidatePrompt> prompts) {
            this.prompts = prompts;
            before = new double[prompts.size()];
            label = new double[prompts.size()][];
            after = new double[prompts.size()][];
            for (int i = 0; i < prompts.size(); i++) {
                label[i] = new double[prompts.get(i).candidates().size()];
                after[i] = new double[label[i].length];
            }
        }

        void add(CandidateTree tree, int first, CandidateTree.Answers answers) {
            int prompt = tree.prompt();
            if (tree.scoresBefore()) {
                before[prompt] = tree.beforeSum(first, answers);
            }
            for (int branch = 0; branch < tree.branches().size(); branch++) {
                int candidate = tree.group().from() + branch;
                int tokens = prompts.get(prompt).candidates().get(candidate).length;
                label[prompt][candidate] = tree.branchSum(first, branch, 0, tokens, answers);
                after[prompt][candidate] =
                        tree.branchSum(first, branch, tokens, tree.branches().get(branch).length, answers);
            }
        }

        List<List<CandidateScore>> scores(ScoreParts parts) {
            return IntStream.range(0, prompts.size())
                    .mapToObj(i -> IntStream.range(0, label[i].length)
                            .mapToObj(candidate -> CandidateScore.of(
                                    prompts.get(i),
                                    candidate,
                                    parts,
                                    new CandidateScore.Sums(before[i], label[i][candidate], after[i][candidate])))
                            .toList())
                    .toList();
        }
    }
}
