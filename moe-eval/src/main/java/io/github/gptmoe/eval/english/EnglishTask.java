package io.github.gptmoe.eval.english;

import io.github.gptmoe.eval.task.LabelSet;
import java.util.List;

/** One of the English tasks: how its rows become questions, and how answers are judged. A new one is a class and an entry. */
interface EnglishTask {
    /** What the command line calls it. */
    String name();

    /** Name of its file in the data folder, such as {@code piqa_valid.jsonl}; with {@code .gz} behind it if compressed. */
    String file();

    /** How answers are judged, in few words. */
    String rule();

    /** What predictions are told as. */
    LabelSet labels();

    /** Whether a constant or a random answer is a baseline: true if the labels are what is chosen from. */
    boolean choice();

    /** Whether the accuracy with log-likelihoods divided by characters is a metric too. */
    default boolean perCharacter() {
        return false;
    }

    /** Whether {@code exp(-mean log-likelihood)} over documents is a metric too. */
    default boolean perplexity() {
        return false;
    }

    /** Whether a row is one of this task's; false for those of other parts of the same file. */
    default boolean takes(EnglishRow row) {
        return true;
    }

    /** The question about a row. */
    EnglishQuestion question(EnglishRow row);

    /** The label of an answer: its number in {@link #labels}. */
    int chosen(EnglishQuestion question, List<LoglikelihoodAnswer> answers);

    /** A score for each label, higher is better, NaN for none. */
    double[] scores(EnglishQuestion question, List<LoglikelihoodAnswer> answers);
}
