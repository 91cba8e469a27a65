package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.RunConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code moe plan}: what a configuration will be, before anything is allocated. */
@Command(
        name = "plan",
        description = "Counts the parameters and the arithmetic of a config; allocates nothing.",
        footer = {
            "",
            "total: every parameter; dense: without experts and routers; active: what one token meets.",
            "flopsPerToken: forward and backward arithmetic of one token in training."
        })
final class PlanCommand extends BaseCommand {

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * One line of the table.
     *
     * @param layer what it is: {@code tables}, {@code block 0} and so on, {@code final norm}, {@code head}
     * @param kind {@code dense}, {@code moe}, {@code residual moe} or empty
     * @param experts experts of the block
     * @param parameters its parameters
     * @param flopsPerToken its training arithmetic
     */
    record Layer(String layer, String kind, int experts, ParameterCount parameters, long flopsPerToken) {}

    /**
     * The document of {@code --json}.
     *
     * @param parameters of the whole model
     * @param flopsPerToken training arithmetic of the whole model
     * @param tokensPerStep tokens of one optimizer step
     * @param steps optimizer steps of the run
     * @param layers the parts, which add up to the whole
     */
    record Plan(ParameterCount parameters, long flopsPerToken, long tokensPerStep, long steps, List<Layer> layers) {

        static Plan of(RunConfig run) {
            ModelConfig model = run.model();
            FlopCount flops = FlopCount.of(model);
            List<Layer> layers = new ArrayList<>();
            layers.add(new Layer("tables", "", 0, ParameterCount.ofTables(model), 0));
            for (int block = 0; block < model.layers(); block++) {
                boolean moe = model.isMoe(block);
                layers.add(new Layer(
                        "block " + block,
                        moe ? (model.residual() ? "residual moe" : "moe") : "dense",
                        moe ? model.expertsOf(block) : 0,
                        ParameterCount.ofBlock(model, block),
                        FlopCount.ofBlock(model, block)));
            }
            layers.add(new Layer("final norm", "", 0, ParameterCount.ofFinalNorm(model), 0));
            layers.add(new Layer("head (token table)", "", 0, new ParameterCount(0, 0, 0), flops.head()));
            int length = model.sequenceLength();
            return new Plan(
                    ParameterCount.of(model),
                    flops.perToken(),
                    (long) run.train().globalBatch() * length,
                    run.train().totalSteps(length),
                    layers);
        }
    }

    @Override
    int run() throws JsonProcessingException {
        Plan plan = Plan.of(config.load());
        if (json.asked()) {
            JsonOption.print(out(), plan);
        } else {
            print(plan);
        }
        return ExitCode.DONE;
    }

    private void print(Plan plan) {
        PrintWriter out = out();
        String row = "%-20s %-14s %8s %18s %18s %18s%n";
        out.printf(Locale.ROOT, row, "layer", "kind", "experts", "parameters", "active", "FLOPs per token");
        for (Layer layer : plan.layers()) {
            out.printf(
                    Locale.ROOT,
                    row,
                    layer.layer(),
                    layer.kind(),
                    layer.experts() == 0 ? "" : layer.experts(),
                    grouped(layer.parameters().total()),
                    grouped(layer.parameters().active()),
                    grouped(layer.flopsPerToken()));
        }
        ParameterCount all = plan.parameters();
        out.printf(
                Locale.ROOT,
                row,
                "total",
                "",
                "",
                grouped(all.total()),
                grouped(all.active()),
                grouped(plan.flopsPerToken()));
        out.printf(
                Locale.ROOT,
                "%nparameters: %s total, %s dense, %s active a token%n",
                grouped(all.total()),
                grouped(all.dense()),
                grouped(all.active()));
        out.printf(
                Locale.ROOT,
                "run: %s steps of %s tokens, %.3g FLOPs%n",
                grouped(plan.steps()),
                grouped(plan.tokensPerStep()),
                (double) plan.flopsPerToken() * plan.tokensPerStep() * plan.steps());
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
