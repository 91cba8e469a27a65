package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConfigWriterTest {

    @Test
    void whatIsWrittenLoadsBackEqual() {
        for (String yaml : List.of(Configs.MINIMAL, Configs.EVERY_KEY)) {
            RunConfig run = Configs.parse(yaml);
            assertThat(Configs.parse(ConfigWriter.toYaml(run))).isEqualTo(run);
        }
    }

    @Test
    void defaultsAreWrittenOut() {
        assertThat(ConfigWriter.toYaml(Configs.parse(Configs.MINIMAL, "model.experts=[4, 8]")))
                .isEqualTo("""
                        model:
                          layers: 4
                          hidden: 64
                          heads: 4
                          sequenceLength: 32
                          vocabulary: 100
                          experts: [4, 8]
                          moeInterval: 2
                          residual: false
                          router:
                            type: top1
                            balanceCoefficient: 0.01
                            zCoefficient: 0.0
                            jitter: 0.0
                            initStd: 0.02
                          capacityFactor: 0.0
                          positions: learned
                          norm: layernorm
                          activation: gelu
                          tieEmbeddings: true
                          initStd: 0.02
                        data:
                          train: ["text.txt"]
                          validation: []
                          validationFraction: 0.05
                          tokenizer: "text.model"
                          cache: ".cache/tokens"
                          badRows: fail
                          loaderThreads: 1
                          prefetch: 4
                          tokenize: ahead
                          format: text
                        train:
                          globalBatch: 8
                          microBatch: 4
                          steps: 10
                          precision: fp32
                          recompute: [none]
                          zeroStage: 0
                          optimizer:
                            type: adamw
                            learningRate: 0.001
                            beta1: 0.9
                            beta2: 0.95
                            epsilon: 1.0e-8
                            weightDecay: 0.1
                            moments: fp32
                            masterWeights: fp32
                            groups: []
                          schedule:
                            type: cosine
                            warmupSteps: 0
                            minimumLearningRate: 0.0
                            decayShare: 0.2
                          clipNorm: 1.0
                          seed: 1
                          validateEvery: 100
                          validationBatches: 16
                          maxNonFiniteSteps: 10
                          logEvery: 1
                          headChunk: 512
                          gradientPrecision: fp32
                          attention: auto
                          expertParallel: 1
                          optimizerInBackward: false
                          offloadOptimizer: none
                          rankTimeoutSeconds: 600
                          initialWeights: ""
                        checkpoint:
                          everySteps: 500
                          keepLast: 2
                          shardBytes: 4294967296
                        report:
                          samplePrompt: ""
                          sampleTokens: 64
                        """);
    }

    @Test
    void anyTextAndNumberSurvive() {
        for (String prompt : RandomText.EDGES) {
            for (double rate : new double[] {Double.MIN_VALUE, Double.MIN_NORMAL, 1, Double.MAX_VALUE}) {
                assertSurvive(prompt, rate);
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 500; i++) {
            assertSurvive(RandomText.next(random), rate(random));
        }
    }

    /** Any finite number above 0, every exponent as often. */
    private static double rate(SplittableRandom random) {
        double rate = Math.abs(Double.longBitsToDouble(random.nextLong()));
        return Double.isFinite(rate) && rate > 0 ? rate : rate(random);
    }

    private static void assertSurvive(String prompt, double rate) {
        RunConfig run = Configs.parse(Configs.MINIMAL);
        TrainConfig train = run.train();
        RunConfig other = new RunConfig(
                run.model(),
                run.data(),
                new TrainConfig(
                        8,
                        4,
                        10L,
                        null,
                        null,
                        null,
                        null,
                        new AdamWConfig(rate, null, null, null, null, null, null, null),
                        train.schedule(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null),
                run.checkpoint(),
                new ReportConfig(prompt, null));
        assertThatCode(() ->
                        assertThat(Configs.parse(ConfigWriter.toYaml(other))).isEqualTo(other))
                .as("learning rate %s, prompt %s", rate, RandomText.escaped(prompt))
                .doesNotThrowAnyException();
    }
}
