package io.github.gptmoe.train;

import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.ConfigLoader;
import java.util.List;

/** Models small enough for finite differences. */
public final class TinyModels {
    private static final String YAML = """
            model:
              layers: 2
              hidden: 8
              heads: 2
              sequenceLength: 8
              vocabulary: 12
              experts: 0
              initStd: 0.3
            data: {train: [unused.txt], tokenizer: unused.model}
            train:
              globalBatch: 1
              microBatch: 1
              steps: 1
              precision: fp32
              optimizer: {type: adamw, learningRate: 1e-3}
            """;

    private TinyModels() {}

    public static ModelConfig dense() {
        return model();
    }

    public static ModelConfig top1() {
        return model("model.experts=3", "model.router={type: top1, balanceCoefficient: 0.5, zCoefficient: 0.1}");
    }

    public static ModelConfig residualLargeMargin() {
        return model(
                "model.experts=4",
                "model.residual=true",
                "model.router={type: large-margin, balanceCoefficient: 0.5, marginCoefficient: 0.5, gamma: 2, rivals: 2}");
    }

    private static ModelConfig model(String... sets) {
        return ConfigLoader.parse("tiny.yaml", YAML, List.of(sets)).model();
    }
}
