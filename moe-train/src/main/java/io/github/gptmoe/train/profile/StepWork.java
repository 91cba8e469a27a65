package io.github.gptmoe.train.profile;

import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.RunConfig;

/**
 * The work of every section of one training step, from the shapes alone. Weights are read once a micro-batch and gradients
 * written once; activations are counted as they enter and leave a section.
 */
final class StepWork {
    private static final double FP32_BYTES = 4;
    private static final double LOW_BYTES = 2;

    private final ModelConfig model;
    private final double microBatches;
    private final double tokens;
    private final double weightBytes;
    private final double gradBytes;
    private final double parameters;
    private final double denseLayers;
    private final double moeLayers;
    private final double experts;

    StepWork(RunConfig config) {
        model = config.model();
        microBatches = (double) config.train().globalBatch() / config.train().microBatch();
        tokens = (double) config.train().globalBatch() * model.sequenceLength();
        weightBytes = bytes(config.train().precision());
        gradBytes = bytes(config.train().gradientPrecision());
        parameters = ParameterCount.of(model).total();
        double moe = 0;
        double all = 0;
        for (int block = 0; block < model.layers(); block++) {
            if (model.isMoe(block)) {
                moe++;
                all += model.expertsOf(block);
            }
        }
        moeLayers = moe;
        experts = all;
        denseLayers = model.layers() - moe + (model.residual() ? moe : 0);
    }

    private static double bytes(String precision) {
        return precision.equals("fp32") ? FP32_BYTES : LOW_BYTES;
    }

    Work of(Section section) {
        double d = model.hidden();
        double square = d * d;
        double layers = model.layers();
        double head = model.vocabulary() * d;
        return switch (section) {
            case EMBEDDING -> work(0, 0, 4 * tokens * d);
            case NORM_FORWARD -> work(0, 0, 2 * tokens * d * layers);
            case NORM_BACKWARD -> work(0, 0, 4 * tokens * d * layers);
            case ATTENTION_PROJECTIONS_FORWARD -> work(4 * square * layers, 1, 10 * tokens * d * layers);
            case ATTENTION_PROJECTIONS_BACKWARD -> work(4 * square * layers, 2, 14 * tokens * d * layers);
            case ATTENTION_FORWARD -> scores(1);
            case ATTENTION_BACKWARD -> scores(2);
            case FFN_FORWARD -> work(8 * square * denseLayers, 1, 10 * tokens * d * denseLayers);
            case FFN_BACKWARD -> work(8 * square * denseLayers, 2, 14 * tokens * d * denseLayers);
            case ROUTER_FORWARD -> router(1);
            case ROUTER_BACKWARD -> router(2);
            case EXPERTS_FORWARD -> experts(1, 14);
            case EXPERTS_BACKWARD -> experts(2, 18);
            case RESIDUALS -> work(0, 0, 3 * tokens * d * layers);
            case HEAD_AND_LOSS -> work(head, 3, 4 * tokens * model.vocabulary());
            case GRADIENT_NORM -> new Work(0, parameters * gradBytes);
            case OPTIMIZER -> new Work(0, parameters * (6 * FP32_BYTES + gradBytes + copies()));
        };
    }

    /** Matrices of a number of weights that every token meets, some passes over them. */
    private Work work(double weights, int passes, double activations) {
        double perPass = passes > 1 ? weightBytes + gradBytes : weightBytes;
        return new Work(2 * passes * weights * tokens, microBatches * weights * perPass + activations * weightBytes);
    }

    private Work experts(int passes, double activationsPerWidth) {
        double d = model.hidden();
        double matrices = 8 * d * d;
        double perPass = passes > 1 ? weightBytes + gradBytes : weightBytes;
        return new Work(
                2 * passes * matrices * tokens * moeLayers,
                microBatches * matrices * experts * perPass
                        + activationsPerWidth * tokens * d * moeLayers * weightBytes);
    }

    private Work router(int passes) {
        double d = model.hidden();
        double perLayer = moeLayers == 0 ? 0 : experts / moeLayers;
        return new Work(2 * passes * tokens * d * experts, tokens * moeLayers * (d + 3 * perLayer) * FP32_BYTES);
    }

    private Work scores(int passes) {
        double d = model.hidden();
        double length = model.sequenceLength();
        double shares = model.heads() * tokens * length / 2;
        return new Work(
                2 * passes * tokens * length * d * model.layers(),
                passes * (4 * tokens * d + shares) * model.layers() * weightBytes);
    }

    private double copies() {
        return weightBytes == FP32_BYTES ? 0 : LOW_BYTES;
    }
}
