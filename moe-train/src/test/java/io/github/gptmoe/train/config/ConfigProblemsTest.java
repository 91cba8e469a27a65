package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of mistake: where it is said to be, and what is said about it. */
class ConfigProblemsTest {

    private static List<String> problems(String yaml, String... sets) {
        ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> Configs.parse(yaml, sets));
        assertThat(thrown).as("nothing was refused").isNotNull();
        return thrown.problems();
    }

    private static String only(String yaml, String... sets) {
        List<String> problems = problems(yaml, sets);
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    /** Replaces one line of the minimal file. */
    private static String edited(String from, String to) {
        assertThat(Configs.MINIMAL).contains(from);
        return Configs.MINIMAL.replace(from, to);
    }

    @Test
    void unknownKeyNamesTheNearestOne() {
        assertThat(only(Configs.MINIMAL + "  warmup: 3\n"))
                .startsWith("run.yaml:16:3: train.warmup: unknown key; did you");
        assertThat(only(Configs.MINIMAL + "  cliipNorm: 1\n"))
                .isEqualTo("run.yaml:16:3: train.cliipNorm: unknown key; did you mean 'train.clipNorm'? Keys of train: "
                        + "attention, batchRamp, clipNorm, expertParallel, globalBatch, gradientPrecision, headChunk, initialWeights, logEvery, lossScale, maxNonFiniteSteps,"
                        + " microBatch, offloadOptimizer, optimizer, optimizerInBackward, precision, rankTimeoutSeconds, recompute, schedule, seed, steps, tokens,"
                        + " validateEvery, validationBatches, zeroStage");
    }

    @Test
    void unknownFormOfAttentionNamesTheNearestOne() {
        assertThat(only(Configs.MINIMAL + "  attention: blok-512\n"))
                .isEqualTo(
                        "run.yaml:16:3: train.attention: 'blok-512' is no form of attention; did you mean 'block-512'?"
                                + " Known: auto, block-64, block-128, block-256, block-512, fused, sdpa");
        assertThat(only(Configs.MINIMAL, "train.attention=spda")).contains("did you mean 'sdpa'?");
    }

    @Test
    void keyInTheWrongSectionNamesTheRightOne() {
        assertThat(only(Configs.MINIMAL + "  beta1: 0.9\n"))
                .startsWith("run.yaml:16:3: train.beta1: unknown key; did you mean 'train.optimizer.beta1'?");
        assertThat(only(Configs.MINIMAL + "  clip_norm: 1\n")).contains("did you mean 'train.clipNorm'?");
    }

    @Test
    void unknownSection() {
        assertThat(only(Configs.MINIMAL + "chekpoint: {}\n"))
                .isEqualTo("run.yaml:16:1: chekpoint: unknown key; did you mean 'checkpoint'? Keys of the file:"
                        + " checkpoint, data, model, report, train");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "layers: 4|layers: 1.7|run.yaml:2:11: model.layers: expected an integer, found '1.7'",
                "layers: 4|layers: 4.0|run.yaml:2:11: model.layers: expected an integer, found '4.0'; write 4",
                "layers: 4|layers: 1e1|run.yaml:2:11: model.layers: expected an integer, found '1e1'; write 10",
                "layers: 4|layers: '4'|run.yaml:2:11: model.layers: expected an integer, found text \"4\"; remove the quotes",
                "layers: 4|layers: four|run.yaml:2:11: model.layers: expected an integer, found 'four'",
                "layers: 4|layers: [4]|run.yaml:2:11: model.layers: expected an integer, found a list",
                "layers: 4|layers: {a: 4}|run.yaml:2:11: model.layers: expected an integer, found a section of keys",
                "layers: 4|layers: 010|run.yaml:2:11: model.layers: '010' starts with 0, which YAML readers take as octal; remove the zero",
                "layers: 4|layers: 0x10|run.yaml:2:11: model.layers: expected an integer, found '0x10'",
                "layers: 4|layers: 1:30|run.yaml:2:11: model.layers: expected an integer, found '1:30'",
                "layers: 4|layers: 3000000000|run.yaml:2:11: model.layers: '3000000000' is beyond the largest integer here, 2147483647",
                "steps: 10|steps: 99999999999999999999|run.yaml:13:10: train.steps: '99999999999999999999' is beyond the largest integer here, 9223372036854775807",
                "learningRate: 1e-3|learningRate: .inf|run.yaml:15:19: train.optimizer.learningRate: expected a finite number, found '.inf'",
                "learningRate: 1e-3|learningRate: -.INF|run.yaml:15:19: train.optimizer.learningRate: expected a finite number, found '-.INF'",
                "learningRate: 1e-3|learningRate: .nan|run.yaml:15:19: train.optimizer.learningRate: expected a finite number, found '.nan'",
                "learningRate: 1e-3|learningRate: NaN|run.yaml:15:19: train.optimizer.learningRate: expected a finite number, found 'NaN'",
                "learningRate: 1e-3|learningRate: 1e999|run.yaml:15:19: train.optimizer.learningRate: expected a finite number; '1e999' is beyond 1.8e308",
                "learningRate: 1e-3|learningRate: small|run.yaml:15:19: train.optimizer.learningRate: expected a number, found 'small'",
                "tokenizer: text.model|tokenizer: no|run.yaml:9:14: data.tokenizer: expected text, but YAML readers disagree whether no is a truth value; write \"no\" in quotes",
                "tokenizer: text.model|tokenizer: [a]|run.yaml:9:14: data.tokenizer: expected text, found a list",
            })
    void wrongType(String from, String to, String problem) {
        assertThat(only(edited(from, to))).isEqualTo(problem);
    }

    @Test
    void truthValuesAreTrueOrFalse() {
        String with = edited("  vocabulary: 100\n", "  vocabulary: 100\n  residual: yes\n");
        assertThat(only(with)).isEqualTo("run.yaml:7:13: model.residual: expected true or false, found 'yes'");
        assertThat(Configs.parse(with.replace("yes", "true")).model().residual())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1e-3, 1e-3", "3e-4, 3e-4", "1E-3, 1e-3", "5, 5", ".5, 0.5", "1_000.5, 1000.5", "+0.1, 0.1", "2., 2"})
    void numbersAsPeopleWriteThem(String written, double value) {
        assertThat(Configs.parse(edited("1e-3", written)).train().optimizer().learningRate())
                .isEqualTo(value);
    }

    @Test
    void underscoresGroupDigits() {
        assertThat(Configs.parse(edited("steps: 10", "steps: 1_000")).train().steps())
                .isEqualTo(1000L);
        assertThat(only(edited("steps: 10", "steps: 1__0"))).contains("expected an integer, found '1__0'");
    }

    @Test
    void textThatLooksLikeANumberStaysAsWritten() {
        RunConfig run = Configs.parse(Configs.MINIMAL + "report: {samplePrompt: 1e3}\n");
        assertThat(run.report().samplePrompt()).isEqualTo("1e3");
    }

    @Test
    void entriesOfAListHaveTheirOwnPlace() {
        assertThat(only(edited("  vocabulary: 100\n", "  vocabulary: 100\n  experts:\n    - 4\n    - many\n")))
                .isEqualTo("run.yaml:9:7: model.experts[1]: expected an integer, found 'many'");
    }

    @Test
    void sectionThatIsNoSection() {
        assertThat(only(edited("optimizer:\n    learningRate: 1e-3", "optimizer: adamw")))
                .isEqualTo("run.yaml:14:14: train.optimizer: expected a section of keys (type, ...), found 'adamw'");
    }

    @Test
    void missingKeysAreNamedAtTheirSection() {
        assertThat(problems(edited("  hidden: 64\n  heads: 4\n", "")))
                .containsExactly(
                        "run.yaml:1:1: model.hidden: required key is missing",
                        "run.yaml:1:1: model.heads: required key is missing");
        assertThat(only(edited("heads: 4", "heads:"))).isEqualTo("run.yaml:4:3: model.heads: has no value");
        assertThat(only(edited("  optimizer:\n    learningRate: 1e-3\n", "")))
                .isEqualTo("run.yaml:10:1: train.optimizer: required key is missing; it needs learningRate");
    }

    @Test
    void emptyFileNamesItsSections() {
        for (String empty : List.of("", "# nothing\n", "---\n", "~\n")) {
            assertThat(problems(empty))
                    .containsExactly(
                            "run.yaml:1:1: model: required key is missing; it needs layers, hidden, heads,"
                                    + " sequenceLength, vocabulary",
                            "run.yaml:1:1: train: required key is missing; it needs globalBatch, microBatch, optimizer",
                            "run.yaml:1:1: data.train: is missing; list files, folders or globs of .txt or .jsonl text",
                            "run.yaml:1:1: data.tokenizer: is missing; give the path of a SentencePiece .model file");
        }
        assertThat(only("- 1\n- 2\n")).startsWith("run.yaml:1:1: expected the sections model, data, train,");
    }

    @Test
    void repeatedKey() {
        assertThat(only(edited("  heads: 4\n", "  heads: 4\n  heads: 8\n")))
                .isEqualTo("run.yaml:5:3: model.heads: is given twice, first at line 4; keep one");
    }

    @Test
    void rulesAreReportedAtTheirKey() {
        assertThat(only(edited("microBatch: 4", "microBatch: 3")))
                .isEqualTo("run.yaml:12:3: train.microBatch: 3 does not divide globalBatch 8; use a divisor, for"
                        + " example 2");
        assertThat(only(edited("heads: 4", "heads: 5"))).startsWith("run.yaml:4:3: model.heads: 5 does not divide");
        assertThat(only(edited("  steps: 10\n", "")))
                .isEqualTo("run.yaml:10:1: train.steps: is missing; give steps (optimizer steps) or tokens (training"
                        + " tokens)");
        assertThat(only(edited("  steps: 10\n", "  steps: 10\n  tokens: 9\n")))
                .isEqualTo("run.yaml:14:3: train.tokens: is given together with steps; keep one of the two");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.precision=int8|'int8' is not available; use fp32 or bf16 or fp16",
                "train.gradientPrecision=fp16|'fp16' needs precision fp16; with fp32 use fp32 or leave it out",
                "train.lossScale={initial: 8}|is for precision fp16 only; leave it out with fp32",
                "train.gradientPrecision=bf16|'bf16' needs precision bf16; with fp32 use fp32 or leave it out",
                "train.offloadOptimizer=nvme|'nvme' is not available; use none or cpu",
                "train.zeroStage=3|3 must be 0, 1 (optimizer divided over the ranks) or 2 (gradients too)",
                "train.recompute=some|'some' must be none, all, moe, every-2 or the like, or a list of block indices such as [0, 1, 2]",
                "train.recompute=[0, 4]|block 4 does not exist; the model's blocks are 0 to 3",
                "train.recompute=[all, 1]|'all' must be none, all, moe, every-2 or the like, or a list of block indices such as [0, 1, 2]",
                "train.clipNorm=-1|-1.0 must be 0 (no clipping) or positive, for example 1.0",
                "train.optimizer.type=sdg|'sdg' is not available; did you mean 'sgd'? Available: adamw or lamb or sgd or adafactor",
                "train.optimizer.moments=int4|'int4' is not available; use fp32 or bf16 or int8",
                "train.optimizer.masterWeights=bf16|'bf16' is not available; use fp32 or none",
                "train.optimizer.masterWeights=none|'none' needs precision bf16; with fp32 weights have no other copy, leave it out",
                "train.optimizer.momentum=0.9|unknown to type adamw; remove it, or use type sgd",
                "train.optimizer.minimumTrust=1|unknown to type adamw; remove it, or use type lamb",
                "train.optimizer.groups=[{pattern: blocks.*.ffn.pu.weight}]|pattern 'blocks.*.ffn.pu.weight' matches no parameter; nearest names: blocks.*.ffn.up.weight, blocks.*.ffn_norm.weight, blocks.*.ffn.down.weight",
                "train.optimizer.groups=[{pattern: blocks.*}, {pattern: blocks.0.*}]|pattern 'blocks.0.*' matches only parameters that an earlier pattern takes; put it before that one",
                "train.optimizer.learningRate=0|0.0 must be greater than 0, for example 3e-4",
                "train.optimizer.beta2=1|1.0 must be at least 0 and below 1, for example 0.95",
                "train.optimizer.epsilon=0|0.0 must be greater than 0, for example 1e-8",
                "train.optimizer.epsilon=1e-40|1.0E-40 must lie between 1.2e-38 and 3.4e38, the normal FP32 numbers, for example 1e-8",
                "train.optimizer.epsilon=1e39|1.0E39 must lie between 1.2e-38 and 3.4e38, the normal FP32 numbers, for example 1e-8",
                "train.schedule.type=step|'step' is not available; use cosine or linear or constant or inverse-sqrt or"
                        + " warmup-stable-decay",
                "train.schedule.decayShare=0|0.0 must be above 0 and at most 1, for example 0.2",
                "train.schedule.warmupSteps=-1|-1 must be at least 0",
                "train.schedule.minimumLearningRate=1|1.0 is above optimizer.learningRate 0.001; the schedule only decays",
                "checkpoint.keepLast=1|1 must be at least 2: the newest may turn out to be damaged",
                "report.sampleTokens=0|0 must be at least 1",
            })
    void rules(String set, String problem) {
        assertThat(only(Configs.MINIMAL, set))
                .isEqualTo("--set " + set + ": " + set.substring(0, set.indexOf('=')) + ": " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "initial=0.5|0.5 must be at least minimum 1.0 and at most 3.4e38, for example 65536",
                "initial=1e39|1.0E39 must be at least minimum 1.0 and at most 3.4e38, for example 65536",
                "growthFactor=1|1.0 must lie between 1.05 and 20, for example 2",
                "growthFactor=21|21.0 must lie between 1.05 and 20, for example 2",
                "backoffFactor=0.96|0.96 must lie between 0.05 and 0.95, for example 0.5",
                "backoffFactor=0.01|0.01 must lie between 0.05 and 0.95, for example 0.5",
                "growthInterval=0|0 must be at least 1",
                "hysteresis=0|0 must be at least 1",
                "minimum=0.5|0.5 must be at least 1: below it gradients lose more than they gain",
            })
    void rulesOfTheLossScale(String set, String problem) {
        String key = "train.lossScale." + set;
        assertThat(only(Configs.MINIMAL, "train.precision=fp16", key))
                .isEqualTo("--set " + key + ": " + key.substring(0, key.indexOf('=')) + ": " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "start: 12, increment: 4, samples: 9|start: 12 is above globalBatch 8; a batch only grows",
                "start: 0, increment: 4, samples: 9|start: 0 must be at least 1",
                "start: 4, increment: 0, samples: 9|increment: 0 must be at least 1",
                "start: 4, increment: 4, samples: 0|samples: 0 must be at least 1",
                "start: 2, increment: 4, samples: 9|start: 2 is no multiple of microBatch 4, in which every step is made",
                "start: 4, increment: 2, samples: 9|increment: 2 is no multiple of microBatch 4, in which every step is made",
                "start: 4, increment: 8, samples: 9|increment: 8 does not lead from start 4 to globalBatch 8; use a divisor of 4",
                "increment: 4, samples: 9|start: is missing; give the sequences of the first step",
                "start: 4, samples: 9|increment: is missing; give the sequences by which a step grows",
                "start: 4, increment: 4|samples: is missing; give the sequences after which globalBatch is reached",
            })
    void rulesOfTheBatchRamp(String ramp, String problem) {
        assertThat(problems(Configs.MINIMAL, "train.batchRamp={" + ramp + "}"))
                .anyMatch(line -> line.endsWith("train.batchRamp." + problem));
    }

    @Test
    void aGrowingBatchCannotBeUpdatedDuringBackward() {
        String[] sets = {"train.batchRamp={start: 4, increment: 4, samples: 9}", "train.optimizerInBackward=true"};
        assertThat(only(Configs.MINIMAL, sets[0], sets[1], "train.clipNorm=0"))
                .isEqualTo(
                        "--set train.optimizerInBackward=true: train.optimizerInBackward: true keeps no gradients, so"
                                + " each rank has one micro-batch in every step; but with batchRamp steps grow to globalBatch 8;"
                                + " leave one of the two out");
        // A ramp that does not grow has one size, which fits or not like any other.
        RunConfig flat =
                Configs.parse(Configs.MINIMAL, sets[0].replace("start: 4", "start: 8"), sets[1], "train.clipNorm=0");
        assertThat(flat.train().ramp().batch(0)).isEqualTo(8);
    }

    @Test
    void modelTooLargeToCount() {
        assertThat(only(Configs.MINIMAL, "model.hidden=2000000000", "model.heads=1"))
                .isEqualTo("--set model.hidden=2000000000: model.hidden: 2000000000 makes more than 2^63 parameters;"
                        + " use a smaller model");
    }

    @Test
    void absurdSizesAreRefusedWithoutCountingThem() {
        assertThat(only(Configs.MINIMAL, "model.layers=1000000000"))
                .endsWith("model.layers: 1000000000 is beyond 100000, the largest number of blocks");
    }

    @Test
    void longTextIsCutInMessages() {
        String text = "x".repeat(1_000);
        assertThat(problems(edited("layers: 4", "layers: " + text + "\n  " + text + ": 1")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(500));
    }

    @Test
    void routerThatDoesNotFitALayer() {
        String router = "model.router={type: large-margin, rivals: 4}";
        assertThat(only(Configs.MINIMAL, "model.experts=[4, 8]", router))
                .startsWith("--set " + router + ": model.router: rivals is 4, but a layer of 4 experts");
    }

    @Test
    void groupsOfParameters() {
        assertThat(problems(
                        Configs.MINIMAL,
                        "train.optimizer.groups=[{learningRateFactor: -1}, {pattern: a, weightDecay: 1, lr: 2}, x]"))
                .satisfiesExactly(
                        line -> assertThat(line).contains("groups[1].lr: unknown key; did you mean"),
                        line -> assertThat(line)
                                .contains("train.optimizer.groups[2]: expected a section of keys (pattern,"
                                        + " learningRateFactor, weightDecay), found 'x'"));
        assertThat(problems(
                        Configs.MINIMAL,
                        "train.optimizer.groups=[{learningRateFactor: -1}, {pattern: a, weightDecay: 1}]"))
                .satisfiesExactly(
                        line -> assertThat(line).contains("groups[0].pattern: is missing; give names of parameters"),
                        line -> assertThat(line).contains("groups[0].learningRateFactor: -1.0 must be 0 (frozen) or"),
                        line -> assertThat(line).contains("groups[1].weightDecay: 1.0 must be at least 0 and below 1"));
    }

    @Test
    void adafactorNeedsWholeMatrices() {
        assertThat(problems(Configs.MINIMAL, "train.optimizer.type=adafactor", "train.zeroStage=1"))
                .contains(
                        "--set train.optimizer.type=adafactor: train.optimizer.type: 'adafactor' needs whole matrices,"
                                + " which zeroStage 1 divides; use zeroStage 0, or another type");
    }

    @ParameterizedTest
    @CsvSource({"lamb, 1e-6", "adafactor, 1e-30"})
    void epsilonIsANormalNumberInEveryOptimizer(String type, String example) {
        String[] sets = {"train.optimizer.type=" + type, "train.optimizer.epsilon=1e-39"};
        assertThat(only(Configs.MINIMAL, sets))
                .contains("train.optimizer.epsilon: 1.0E-39 must lie between 1.2e-38")
                .endsWith("for example " + example);
        assertThat(Configs.parse(Configs.MINIMAL, sets[0], "train.optimizer.epsilon=1.2e-38"))
                .isNotNull();
    }

    @Test
    void routerVariants() {
        assertThat(only(Configs.MINIMAL, "model.router.type=top2"))
                .isEqualTo("--set model.router.type=top2: model.router.type: 'top2' is not available; did you mean"
                        + " 'top1'? Available: top1 or large-margin");
        assertThat(only(Configs.MINIMAL, "model.router.jitter=0.1"))
                .isEqualTo("--set model.router.jitter=0.1: model.router.type: required key is missing; use top1 or"
                        + " large-margin");
        assertThat(only(Configs.MINIMAL, "model.router={type: top1, gamma: 1}"))
                .contains("model.router.gamma: unknown");
        assertThat(only(Configs.MINIMAL, "model.router=top1"))
                .contains("model.router: expected a section of keys (type, ...), found 'top1'");
    }

    @Test
    void everyProblemAtOnceInTheOrderOfTheFile() {
        String yaml = """
                model:
                  layers: 1.7
                  hidden: 65
                  heads: 4
                  sequenceLength: 32
                  vocabluary: 100
                  vocabulary: 0
                data:
                  train: text.txt
                train:
                  globalBatch: 8
                  microBatch: 3
                  steps: 10
                  steps: 11
                  optimizer: {learningRate: fast}
                """;
        assertThat(problems(yaml, "train.seed=x", "train.seed=1", "train.sed=1"))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("run.yaml:2:11: model.layers: expected an integer"),
                        line -> assertThat(line).startsWith("run.yaml:4:3: model.heads: 4 does not divide hidden 65"),
                        line -> assertThat(line)
                                .startsWith("run.yaml:6:3: model.vocabluary: unknown key; did you mean"
                                        + " 'model.vocabulary'?"),
                        line -> assertThat(line).startsWith("run.yaml:7:3: model.vocabulary: 0 must be at least 1"),
                        line -> assertThat(line).startsWith("run.yaml:8:1: data.tokenizer: is missing"),
                        line -> assertThat(line).startsWith("run.yaml:12:3: train.microBatch: 3 does not divide"),
                        line -> assertThat(line).startsWith("run.yaml:14:3: train.steps: is given twice"),
                        line -> assertThat(line).startsWith("run.yaml:15:29: train.optimizer.learningRate: expected"),
                        line -> assertThat(line)
                                .startsWith(
                                        "--set train.sed=1: train.sed: unknown key; did you mean" + " 'train.seed'?"));
    }

    @Test
    void unreadValuesCauseNoFollowUpProblems() {
        // Without the number of layers nothing can be said about the pyramid; without tokens, nothing about the length.
        assertThat(only(edited("layers: 4", "layers: x"), "model.experts=[4, 8]"))
                .contains("model.layers");
        assertThat(only(edited("steps: 10", "tokens: x"))).contains("train.tokens");
        assertThat(only(edited("globalBatch: 8", "globalBatch: x"))).contains("train.globalBatch");
    }

    @Test
    void messageListsAllProblems() {
        ConfigException thrown = catchThrowableOfType(
                ConfigException.class, () -> Configs.parse(edited("  hidden: 64\n  heads: 4\n", "")));
        assertThat(thrown).hasMessage("""
                        run.yaml has 2 problems:
                          run.yaml:1:1: model.hidden: required key is missing
                          run.yaml:1:1: model.heads: required key is missing""");
    }
}
