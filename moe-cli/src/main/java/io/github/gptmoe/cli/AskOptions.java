package io.github.gptmoe.cli;

import io.github.gptmoe.eval.scoring.HierarchicalRanking.ClassScore;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import picocli.CommandLine.Option;

/** How tasks are asked: patterns, rule, ranking, examples. */
final class AskOptions {

    @Option(
            names = "--patterns",
            paramLabel = "SET",
            defaultValue = ZeroShotSettings.ARTICLE,
            description = "Pattern set of the task files: article (default), script, or another that the task has.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String patterns;

    @Option(
            names = "--rule",
            paramLabel = "RULE",
            defaultValue = "auto",
            description = {
                "How candidates are scored: auto (that of the pattern set, default), likelihood, likelihood-per-token,",
                "likelihood-per-character, perplexity, tail-likelihood, content-free, batch-calibration or pmi;",
                "docs/scoring.md has the formulas."
            })
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String rule;

    @Option(
            names = "--keep-classes",
            paramLabel = "K",
            defaultValue = "0",
            description = {
                "Hierarchical ranking, for tasks with a label tree: rank first-level classes, then the labels of the best K;",
                "0 (default): rank all labels."
            })
    private int keepClasses;

    @Option(
            names = "--class-score",
            paramLabel = "words|labels",
            defaultValue = "words",
            description = {
                "Where --keep-classes takes the score of a class from: its own words (default), or the mean probability of",
                "its labels, for a model that was adapted to the labels and has not seen the words of classes."
            })
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private ClassScore classScore;

    @Option(
            names = "--few-shot",
            paramLabel = "N",
            defaultValue = "0",
            description = "Labelled rows of train_0 to show before each text, drawn by the seed; default 0.")
    private int examples;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of what is drawn; default 1.")
    private long seed;

    @Option(
            names = "--no-sharing",
            description =
                    "Let every filled-in text pass the model on its own: slow, and the same scores up to rounding.")
    private boolean noSharing;

    /** Seed of what is drawn. */
    long seed() {
        return seed;
    }

    ZeroShotSettings settings() {
        return new ZeroShotSettings(patterns, rule, keepClasses, classScore, examples, seed, !noSharing);
    }
}
