package io.github.gptmoe.train.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The {@code adapt} section. The loss is {@code a * context + b * prompt + c * label + d * MoE losses}: of the first three each
 * is the mean negative log-likelihood of its tokens in nats, the last are the routers' losses as in pretraining.
 *
 * @param patterns pattern set of the task files; default {@code article}
 * @param contextWeight a, for the tokens of the task's own text; default 0.5
 * @param promptWeight b, for the fixed words of the pattern; default 0.1
 * @param labelWeight c, for the tokens of the pseudo label, given everything before; default 1
 * @param moeWeight d, factor on the loss coefficients that the model was pretrained with; default 1
 * @param labellers what makes the pseudo labels of each round, one word a round: {@code lexical}, {@code model} (of the round
 *     before; at first the checkpoint) or {@code agreement} of both; default one round, {@code lexical}
 * @param confidence rows whose best label has a lower probability get none, and train the context alone; default 0.6
 * @param balance most rows of a class, as a multiple of an equal share of the labelled rows; the surest ones stay, so that below 1
 *     unsure rows go as well; 0: any number; default 1.5
 * @param priorCorrection scale the labeller's probabilities until all classes are equally frequent on average; default true
 * @param labels {@code hard}: the best label alone; {@code soft}: labels of at least 0.1, weighted by probability; default hard
 * @param texts splits whose texts are used; labels in them are never read; default {@code unlabeled}, and where a task has no
 *     such file {@code train_few_all} and {@code dev_few_all}
 * @param testTexts whether the texts of {@code test} and {@code test_public}, without labels, may be used too; default false
 * @param fewShot rows of {@code train_0} that are trained on with their true labels, drawn by the seed; 0 (default) reads no label
 * @param epochs passes over the rows in each round; 0 leaves the length to {@code train.steps}; default 2
 * @param maxRows most rows of a task that are used, drawn by the seed; 0: all; default 0
 * @param mixing for several tasks: the weight of each, spread evenly over its rows, in the order of {@code --task}; long rows
 *     still count more than short ones, as means are over tokens; empty: all rows alike
 */
public record AdaptConfig(
        String patterns,
        Double contextWeight,
        Double promptWeight,
        Double labelWeight,
        Double moeWeight,
        List<String> labellers,
        Double confidence,
        Double balance,
        Boolean priorCorrection,
        String labels,
        List<String> texts,
        Boolean testTexts,
        Integer fewShot,
        Double epochs,
        Integer maxRows,
        List<Double> mixing) {

    static final List<String> LABELLERS = List.of("lexical", "model", "agreement");

    private static final List<String> TEST_SPLITS = List.of("test", "test_public");

    /**
     * Fills in defaults.
     *
     * @param patterns as above
     * @param contextWeight as above
     * @param promptWeight as above
     * @param labelWeight as above
     * @param moeWeight as above
     * @param labellers as above
     * @param confidence as above
     * @param balance as above
     * @param priorCorrection as above
     * @param labels as above
     * @param texts as above
     * @param testTexts as above
     * @param fewShot as above
     * @param epochs as above
     * @param maxRows as above
     * @param mixing as above
     */
    public AdaptConfig {
        patterns = Objects.requireNonNullElse(patterns, "article");
        contextWeight = Objects.requireNonNullElse(contextWeight, 0.5);
        promptWeight = Objects.requireNonNullElse(promptWeight, 0.1);
        labelWeight = Objects.requireNonNullElse(labelWeight, 1.0);
        moeWeight = Objects.requireNonNullElse(moeWeight, 1.0);
        labellers = labellers == null || labellers.isEmpty() ? List.of("lexical") : List.copyOf(labellers);
        confidence = Objects.requireNonNullElse(confidence, 0.6);
        balance = Objects.requireNonNullElse(balance, 1.5);
        priorCorrection = Objects.requireNonNullElse(priorCorrection, true);
        labels = Objects.requireNonNullElse(labels, "hard");
        texts = texts == null ? List.of() : List.copyOf(texts);
        testTexts = Objects.requireNonNullElse(testTexts, false);
        fewShot = Objects.requireNonNullElse(fewShot, 0);
        epochs = Objects.requireNonNullElse(epochs, 2.0);
        maxRows = Objects.requireNonNullElse(maxRows, 0);
        mixing = mixing == null ? List.of() : List.copyOf(mixing);
    }

    /**
     * The section when it is left out.
     *
     * @return all defaults
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static AdaptConfig defaults() {
        return new AdaptConfig(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code adapt} to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        Rules rules = new Rules()
                .require(!patterns.isBlank(), "patterns", "is empty; use article or script")
                .require(atLeastZero(contextWeight), "contextWeight", contextWeight + " must be at least 0")
                .require(atLeastZero(promptWeight), "promptWeight", promptWeight + " must be at least 0")
                .require(atLeastZero(labelWeight), "labelWeight", labelWeight + " must be at least 0")
                .require(atLeastZero(moeWeight), "moeWeight", moeWeight + " must be at least 0")
                .require(
                        contextWeight + promptWeight + labelWeight > 0,
                        "labelWeight",
                        "contextWeight, promptWeight and labelWeight are all 0; nothing would be learnt")
                .fraction("confidence", confidence, "0.6")
                .require(
                        atLeastZero(balance),
                        "balance",
                        balance + " must be 0 (any number of rows of a class) or above, for example 1.5")
                .oneOf("labels", labels, List.of("hard", "soft"))
                .require(atLeastZero(epochs), "epochs", epochs + " must be at least 0, for example 2")
                .atLeast("maxRows", maxRows, 0)
                .atLeast("fewShot", fewShot, 0);
        labellers.forEach(labeller -> rules.oneOf("labellers", labeller, LABELLERS));
        mixing.forEach(share -> rules.positive("mixing", share, "[1, 1]"));
        texts.forEach(split -> rules.require(
                testTexts || !TEST_SPLITS.contains(split),
                "texts",
                "'" + split + "' is a test split; its texts are used only where testTexts is true"));
        return rules.problems();
    }

    private static boolean atLeastZero(double value) {
        return value >= 0 && Double.isFinite(value);
    }
}
