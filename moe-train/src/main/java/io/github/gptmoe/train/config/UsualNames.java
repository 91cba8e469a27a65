package io.github.gptmoe.train.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What other training programs call our keys, where no rule leads from one name to the other. */
final class UsualNames {
    private static final Map<String, List<String>> OTHERS = Map.ofEntries(
            Map.entry("model.layers", List.of("depth")),
            Map.entry("model.hidden", List.of("dModel", "nEmbd", "embedDim", "modelDim", "dim", "width")),
            Map.entry(
                    "model.sequenceLength",
                    List.of("nCtx", "context", "contextLength", "contextWindow", "blockSize", "maxPositionEmbeddings")),
            Map.entry("model.router.type", List.of("gate", "gating", "routing", "router_type")),
            Map.entry(
                    "model.router.balanceCoefficient",
                    List.of("auxLossCoef", "auxLossWeight", "routerAuxLossCoef", "loadBalancingLossWeight")),
            Map.entry(
                    "train.initialWeights",
                    List.of("initFrom", "pretrained", "initCheckpoint", "loadWeights", "warmStart", "finetune")),
            Map.entry("train.microBatch", List.of("perDeviceTrainBatchSize", "gradientAccumulationSteps", "gradAccum")),
            Map.entry("train.batchRamp", List.of("rampupBatchSize", "batchSizeRampup", "batchSizeWarmup")),
            Map.entry("train.steps", List.of("maxSteps", "maxIters", "iterations", "trainIters")),
            Map.entry("train.tokens", List.of("maxTokens", "trainTokens")),
            Map.entry("train.precision", List.of("dtype", "bf16", "fp16", "fp32", "amp", "mixedPrecision")),
            Map.entry("train.lossScale", List.of("gradScaler", "dynamicLossScale", "lossScaling")),
            Map.entry("train.lossScale.initial", List.of("initScale", "initialScalePower", "initialLossScale")),
            Map.entry("train.lossScale.growthInterval", List.of("lossScaleWindow", "scaleWindow")),
            Map.entry("train.lossScale.minimum", List.of("minLossScale", "minScale")),
            Map.entry(
                    "train.attention",
                    List.of(
                            "attn",
                            "attnImplementation",
                            "attentionBackend",
                            "attnBackend",
                            "flashAttention",
                            "useFlashAttn")),
            Map.entry("train.clipNorm", List.of("gradClip", "maxGradNorm", "gradientClipping", "clip")),
            Map.entry(
                    "train.recompute",
                    List.of("activationCheckpointing", "gradientCheckpointing", "activationRecomputation")),
            Map.entry(
                    "train.offloadOptimizer",
                    List.of("offload", "cpuOffload", "optimizerOffload", "optimizerCpuOffload", "zeroOffload")),
            Map.entry("train.validateEvery", List.of("evalInterval", "evalEvery", "evalSteps")),
            Map.entry("train.validationBatches", List.of("evalIters", "evalBatches")),
            Map.entry("train.logEvery", List.of("logInterval", "loggingSteps")),
            Map.entry("train.schedule.minimumLearningRate", List.of("lrMin", "etaMin")),
            Map.entry("train.schedule.type", List.of("lrScheduler", "lrSchedulerType", "lrDecayStyle")),
            Map.entry("checkpoint.everySteps", List.of("saveEvery", "saveSteps", "saveInterval", "checkpointInterval")),
            Map.entry("checkpoint.keepLast", List.of("saveTotalLimit", "maxToKeep")),
            Map.entry("data.tokenize", List.of("streaming", "onTheFly", "lazyTokenization")),
            Map.entry("data.train", List.of("dataset", "corpus", "dataPath")),
            Map.entry("data.validation", List.of("eval", "dev", "evalData")));

    private static final Map<String, String> PATHS = paths();

    private UsualNames() {}

    private static Map<String, String> paths() {
        Map<String, String> paths = new HashMap<>();
        OTHERS.forEach((path, names) ->
                names.forEach(name -> paths.put(KeyWords.of(name).joined(), path)));
        return Map.copyOf(paths);
    }

    /** Our path for another program's name, as a list of none or one. */
    static List<String> pathsOf(KeyWords name) {
        String path = PATHS.get(name.joined());
        return path == null ? List.of() : List.of(path);
    }

    /** Every path that a name leads to. */
    static List<String> targets() {
        return List.copyOf(OTHERS.keySet());
    }
}
