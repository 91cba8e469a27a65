package io.github.gptmoe.train.config;

import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.data.DataConfig;
import io.github.gptmoe.data.SegmentWeights;
import io.github.gptmoe.router.LargeMarginConfig;
import java.util.List;

/** Configurations that tests start from. */
final class Configs {

    /** The shortest file that is a run; line numbers matter to the tests that edit it. */
    static final String MINIMAL = """
            model:
              layers: 4
              hidden: 64
              heads: 4
              sequenceLength: 32
              vocabulary: 100
            data:
              train: text.txt
              tokenizer: text.model
            train:
              globalBatch: 8
              microBatch: 4
              steps: 10
              optimizer:
                learningRate: 1e-3
            """;

    /** Every key of every record, none at its default. */
    static final String EVERY_KEY = """
            model:
              layers: 6
              hidden: 48
              heads: 6
              sequenceLength: 16
              vocabulary: 77
              experts: [4, 8]
              moeInterval: 3
              residual: true
              router:
                type: large-margin
                balanceCoefficient: 0.02
                zCoefficient: 0.001
                jitter: 0.01
                initStd: 0.03
                norm: inf
                gamma: 0.75
                marginCoefficient: 0.005
                warmupSteps: 50
                rivals: 2
              capacityFactor: 1.25
              positions: learned
              norm: layernorm
              activation: gelu
              tieEmbeddings: true
              initStd: 0.014
            data:
              train: [a.jsonl, "b c.txt.gz"]
              validation: v.txt
              validationFraction: 0.2
              tokenizer: t.model
              cache: tokens
              badRows: skip
              loaderThreads: 3
              prefetch: 5
              format: segments
              weights: {context: 0.5, prompt: 0, label: 2.5}
            train:
              globalBatch: 24
              microBatch: 6
              tokens: 1_000_000
              precision: fp16
              recompute: [0, 5]
              zeroStage: 2
              optimizer:
                type: adamw
                learningRate: 3e-4
                beta1: 0.8
                beta2: .99
                epsilon: 1.0e-6
                weightDecay: 0
                moments: bf16
                masterWeights: fp32
                groups:
                  - {pattern: "blocks.*.moe.experts.*", learningRateFactor: 0.5, weightDecay: 0.05}
                  - pattern: final_norm.weight
              schedule: {type: linear, warmupSteps: 7, minimumLearningRate: 3E-5, decayShare: 0.4}
              clipNorm: 0.5
              seed: -42
              validateEvery: 5
              validationBatches: 3
              maxNonFiniteSteps: 4
              logEvery: 2
              headChunk: 64
              gradientPrecision: fp32
              attention: block-64
              expertParallel: 2
              optimizerInBackward: false
              offloadOptimizer: cpu
              rankTimeoutSeconds: 77
              lossScale: {initial: 1024, growthFactor: 4, backoffFactor: 0.25, growthInterval: 100, hysteresis: 3, minimum: 2}
              batchRamp: {start: 12, increment: 6, samples: 1_000}
              initialWeights: runs/base
            checkpoint: {everySteps: 9, keepLast: 3, shardBytes: 2_000_000}
            report: {samplePrompt: "no", sampleTokens: 5}
            """;

    private Configs() {}

    static RunConfig parse(String yaml, String... sets) {
        return ConfigLoader.parse("run.yaml", yaml, List.of(sets));
    }

    /** What {@link #EVERY_KEY} says. */
    static RunConfig everyKey() {
        return new RunConfig(
                new ModelConfig(
                        6,
                        48,
                        6,
                        16,
                        77,
                        List.of(4, 8),
                        3,
                        true,
                        new LargeMarginConfig(0.02, 0.001, 0.01, 0.03, "inf", 0.75, 0.005, 50L, 2),
                        1.25,
                        "learned",
                        "layernorm",
                        "gelu",
                        true,
                        0.014),
                new DataConfig(
                        List.of("a.jsonl", "b c.txt.gz"),
                        List.of("v.txt"),
                        0.2,
                        "t.model",
                        "tokens",
                        "skip",
                        3,
                        5,
                        "ahead",
                        "segments",
                        new SegmentWeights(0.5, 0.0, 2.5)),
                new TrainConfig(
                        24,
                        6,
                        null,
                        1_000_000L,
                        "fp16",
                        List.of("0", "5"),
                        2,
                        new AdamWConfig(
                                3e-4,
                                0.8,
                                0.99,
                                1e-6,
                                0.0,
                                "bf16",
                                "fp32",
                                List.of(
                                        new ParameterGroupConfig("blocks.*.moe.experts.*", 0.5, 0.05),
                                        new ParameterGroupConfig("final_norm.weight", 1.0, null))),
                        new ScheduleConfig("linear", 7L, 3e-5, 0.4),
                        0.5,
                        -42L,
                        5,
                        3,
                        4,
                        2,
                        64,
                        "fp32",
                        "block-64",
                        2,
                        false,
                        "cpu",
                        77,
                        new LossScaleConfig(1024.0, 4.0, 0.25, 100, 3, 2.0),
                        new BatchRampConfig(12, 6, 1_000L),
                        "runs/base"),
                new CheckpointConfig(9L, 3, 2_000_000L),
                new ReportConfig("no", 5));
    }
}
