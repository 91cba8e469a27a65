package io.github.gptmoe.train.config;

import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.data.DataConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * One complete run.
 *
 * @param model what is trained
 * @param data on what
 * @param train how
 * @param checkpoint when it is saved
 * @param report what is shown at the end
 */
public record RunConfig(
        ModelConfig model, DataConfig data, TrainConfig train, CheckpointConfig checkpoint, ReportConfig report) {

    private static final int MOST_BLOCKS = 100_000;

    /**
     * Fills in the optional sections.
     *
     * @param model as above
     * @param data as above
     * @param train as above
     * @param checkpoint as above
     * @param report as above
     */
    public RunConfig {
        checkpoint = checkpoint == null ? CheckpointConfig.defaults() : checkpoint;
        report = report == null ? ReportConfig.defaults() : report;
    }

    /**
     * The same run with a form of attention.
     *
     * @param form what {@code train.attention: auto} was resolved to
     * @return a run that differs in {@code train.attention} only
     */
    public RunConfig withAttention(NamedAttention form) {
        return new RunConfig(model, data, train.withAttention(form), checkpoint, report);
    }

    /**
     * Everything wrong with this run: the rules of each section and those between sections.
     *
     * @return key from the top of the file, such as {@code train.microBatch}, to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        Rules rules = new Rules()
                .section("model", model.problems())
                .section("data", data.problems())
                .section("train", train.problems())
                .section("checkpoint", checkpoint.problems())
                .section("report", report.problems());
        // Counting goes block by block.
        rules.require(
                model.layers() <= MOST_BLOCKS,
                "model.layers",
                model.layers() + " is beyond " + MOST_BLOCKS + ", the largest number of blocks");
        if (rules.problems().isEmpty()) {
            recomputedBlocksExist(rules);
            parametersCanBeCounted(rules);
            routersFitTheirLayers(rules);
            expertsCanBeDivided(rules);
            groupsHaveParameters(rules);
        }
        return rules.problems();
    }

    private void expertsCanBeDivided(Rules rules) {
        int ranks = train.expertParallel();
        rules.require(
                ranks == 1 || !model.experts().isEmpty(),
                "train.expertParallel",
                ranks + " divides experts, but model.experts is 0; leave it out");
        for (int experts : new TreeSet<>(model.experts())) {
            rules.require(
                    experts % ranks == 0,
                    "train.expertParallel",
                    ranks + " does not divide the " + experts
                            + " experts of a layer; use a common divisor of model.experts");
        }
    }

    private void recomputedBlocksExist(Rules rules) {
        for (String entry : train.recompute()) {
            boolean index = Character.isDigit(entry.charAt(0));
            rules.require(
                    !index || Integer.parseInt(entry) < model.layers(),
                    "train.recompute",
                    "block " + entry + " does not exist; the model's blocks are 0 to " + (model.layers() - 1));
        }
    }

    private void parametersCanBeCounted(Rules rules) {
        try {
            ParameterCount.of(model);
        } catch (ArithmeticException overflow) {
            rules.require(
                    false, "model.hidden", model.hidden() + " makes more than 2^63 parameters; use a smaller model");
        }
    }

    private void groupsHaveParameters(Rules rules) {
        List<ParameterGroupConfig> groups = train.optimizer().groups();
        if (!groups.isEmpty() && rules.problems().isEmpty()) {
            List<String> names = new GptModel(model)
                    .parameters().stream().map(ModelParameter::name).toList();
            List<String> idle = ParameterGroupConfig.idle(groups, names);
            rules.require(idle.isEmpty(), "train.optimizer.groups", String.join("; ", idle));
        }
    }

    private void routersFitTheirLayers(Rules rules) {
        for (int experts : new TreeSet<>(model.experts())) {
            try {
                model.router().build(model.hidden(), experts);
            } catch (IllegalArgumentException unfit) {
                rules.require(false, "model.router", String.valueOf(unfit.getMessage()));
            }
        }
    }
}
