package io.github.gptmoe.train.config;

import io.github.gptmoe.core.model.NamedAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the model is trained: batch, length, precision, optimizer and what is watched on the way.
 *
 * @param globalBatch sequences of one optimizer step; with {@code batchRamp}, of those after the ramp
 * @param microBatch sequences of one forward and backward pass; must divide {@code globalBatch}
 * @param steps optimizer steps of the whole run; give this or {@code tokens}
 * @param tokens training tokens of the whole run, rounded up to whole steps; give this or {@code steps}
 * @param precision {@code fp32}, or {@code bf16} or {@code fp16} with FP32 master weights, norm statistics, softmax and
 *     loss; default fp32
 * @param recompute blocks whose activations are computed again in backward instead of kept: {@code none}, {@code all},
 *     {@code moe}, {@code every-2} (every second, or any other number), or a list of block indices from 0; default none
 * @param zeroStage what is divided over the ranks (ZeRO): 0 nothing, 1 the optimizer's state and the FP32 masters, 2 the
 *     gradients too; default 0
 * @param optimizer how gradients change the weights
 * @param schedule the learning rate over the run
 * @param clipNorm gradients with a larger global norm are scaled down to it; 0 never clips; default 1
 * @param seed initial weights, order of the data and router noise follow from it; default 1
 * @param validateEvery optimizer steps between validations; 0 validates only at the end; default 100
 * @param validationBatches micro-batches of one validation, always the same ones; default 16
 * @param maxNonFiniteSteps steps with a non-finite loss or gradient are skipped; after this many in a row the run ends;
 *     default 10
 * @param logEvery optimizer steps between progress lines; default 1
 * @param headChunk tokens whose FP32 logits are held at once by the head and its loss; default 512
 * @param gradientPrecision type in which micro-batches' gradients are summed, {@code fp32} or that of {@code precision};
 *     default fp32 in FP16 and where there are several to sum, else {@code precision}
 * @param attention form of attention: a name of {@link NamedAttention}, such as {@code block-128}, or {@code auto}, the
 *     default: whoever starts the run chooses, by measurement or by {@link NamedAttention#standard the fixed rule}, and
 *     writes the name to the run's own configuration
 * @param expertParallel ranks among which the experts of each layer are divided; 1: every rank has all; default 1
 * @param optimizerInBackward update every stage as soon as backward has been through it, so that gradients are never kept;
 *     for steps of one micro-batch a rank, without clipping; default false
 * @param offloadOptimizer where the optimizer's state and the FP32 masters are kept and updated: {@code none}, on the device, or
 *     {@code cpu}, in the memory of its host; the numbers are the same; default none
 * @param rankTimeoutSeconds how long a rank waits for the others in one exchange before the run ends; default 600
 * @param lossScale how the loss of an FP16 run is scaled; null in other precisions
 * @param batchRamp how the global batch grows to {@code globalBatch} at the beginning; null: it does not
 * @param initialWeights a run, whose newest checkpoint is taken, or a checkpoint: the run begins with its weights, at step 0 and
 *     with a fresh optimizer; counts only as long as the run has no checkpoint of its own; default empty: those of the seed
 */
public record TrainConfig(
        int globalBatch,
        int microBatch,
        @Nullable Long steps,
        @Nullable Long tokens,
        String precision,
        List<String> recompute,
        Integer zeroStage,
        OptimizerConfig optimizer,
        ScheduleConfig schedule,
        Double clipNorm,
        Long seed,
        Integer validateEvery,
        Integer validationBatches,
        Integer maxNonFiniteSteps,
        Integer logEvery,
        Integer headChunk,
        String gradientPrecision,
        String attention,
        Integer expertParallel,
        Boolean optimizerInBackward,
        String offloadOptimizer,
        Integer rankTimeoutSeconds,
        @Nullable LossScaleConfig lossScale,
        @Nullable BatchRampConfig batchRamp,
        String initialWeights) {

    /** The value of {@code attention} that leaves the choice open. */
    public static final String AUTO = "auto";

    private static final String EVERY = "every-";

    private static final List<String> RECOMPUTE_WORDS = List.of("none", "all", "moe");

    /**
     * Fills in defaults.
     *
     * @param globalBatch as above
     * @param microBatch as above
     * @param steps as above
     * @param tokens as above
     * @param precision as above
     * @param recompute as above
     * @param zeroStage as above
     * @param optimizer as above
     * @param schedule as above
     * @param clipNorm as above
     * @param seed as above
     * @param validateEvery as above
     * @param validationBatches as above
     * @param maxNonFiniteSteps as above
     * @param logEvery as above
     * @param headChunk as above
     * @param gradientPrecision as above
     * @param attention as above
     * @param expertParallel as above
     * @param optimizerInBackward as above
     * @param offloadOptimizer as above
     * @param rankTimeoutSeconds as above
     * @param lossScale as above
     * @param batchRamp as above
     * @param initialWeights as above
     */
    public TrainConfig {
        precision = Objects.requireNonNullElse(precision, "fp32");
        recompute = recompute == null || recompute.isEmpty() ? List.of("none") : List.copyOf(recompute);
        zeroStage = Objects.requireNonNullElse(zeroStage, 0);
        schedule = schedule == null ? ScheduleConfig.defaults() : schedule;
        clipNorm = Objects.requireNonNullElse(clipNorm, 1.0);
        seed = Objects.requireNonNullElse(seed, 1L);
        validateEvery = Objects.requireNonNullElse(validateEvery, 100);
        validationBatches = Objects.requireNonNullElse(validationBatches, 16);
        maxNonFiniteSteps = Objects.requireNonNullElse(maxNonFiniteSteps, 10);
        logEvery = Objects.requireNonNullElse(logEvery, 1);
        headChunk = Objects.requireNonNullElse(headChunk, 512);
        gradientPrecision = Objects.requireNonNullElse(
                gradientPrecision, globalBatch > microBatch || isFp16(precision) ? "fp32" : precision);
        attention = Objects.requireNonNullElse(attention, AUTO);
        expertParallel = Objects.requireNonNullElse(expertParallel, 1);
        optimizerInBackward = Objects.requireNonNullElse(optimizerInBackward, false);
        offloadOptimizer = Objects.requireNonNullElse(offloadOptimizer, "none");
        rankTimeoutSeconds = Objects.requireNonNullElse(rankTimeoutSeconds, 600);
        lossScale = lossScale == null && isFp16(precision) ? LossScaleConfig.defaults() : lossScale;
        initialWeights = Objects.requireNonNullElse(initialWeights, "");
    }

    /**
     * The form of attention, if one is named.
     *
     * @return empty for {@code auto}
     */
    public Optional<NamedAttention> namedAttention() {
        return NamedAttention.of(attention);
    }

    /**
     * The same training with a form of attention.
     *
     * @param form what {@code auto} was resolved to
     * @return settings that differ in {@code attention} only
     */
    public TrainConfig withAttention(NamedAttention form) {
        return new TrainConfig(
                globalBatch,
                microBatch,
                steps,
                tokens,
                precision,
                recompute,
                zeroStage,
                optimizer,
                schedule,
                clipNorm,
                seed,
                validateEvery,
                validationBatches,
                maxNonFiniteSteps,
                logEvery,
                headChunk,
                gradientPrecision,
                form.label(),
                expertParallel,
                optimizerInBackward,
                offloadOptimizer,
                rankTimeoutSeconds,
                lossScale,
                batchRamp,
                initialWeights);
    }

    /**
     * Whether masters and the optimizer's state are kept and updated on the host.
     *
     * @return true for {@code offloadOptimizer: cpu}
     */
    public boolean offloads() {
        return offloadOptimizer.equals("cpu");
    }

    private static boolean isFp16(String precision) {
        return precision.equals("fp16");
    }

    /**
     * Forward and backward passes of one optimizer step, after the ramp if there is one.
     *
     * @return micro-batches a step
     */
    public int microBatches() {
        return globalBatch / microBatch;
    }

    /**
     * The sizes of the steps.
     *
     * @return how {@code batchRamp} grows to {@code globalBatch}, or {@code globalBatch} always
     */
    public BatchRamp ramp() {
        return batchRamp == null
                ? BatchRamp.constant(globalBatch)
                : new BatchRamp(
                        Objects.requireNonNull(batchRamp.start(), "start"),
                        Objects.requireNonNull(batchRamp.increment(), "increment"),
                        globalBatch,
                        Objects.requireNonNull(batchRamp.samples(), "samples"));
    }

    /**
     * Whether all steps could be made in micro-batches of a size.
     *
     * @param candidate sequences, at least 1
     * @return true if it divides the batches of all steps
     */
    public boolean isDividedBy(int candidate) {
        return globalBatch % candidate == 0 && (batchRamp == null || batchRamp.isDividedBy(candidate));
    }

    /**
     * Length of the run in optimizer steps.
     *
     * @param sequenceLength tokens of one sequence
     * @return {@code steps}, or the whole steps that {@code tokens} needs
     */
    public long totalSteps(int sequenceLength) {
        if (steps != null) {
            return steps;
        }
        long budget = Objects.requireNonNull(tokens, "neither steps nor tokens");
        return Math.max(1, ramp().steps(-Math.floorDiv(-budget, (long) sequenceLength)));
    }

    /**
     * What is allowed, for short trials of a long run's configuration, but hardly meant in the run itself.
     *
     * @param sequenceLength tokens of one sequence
     * @return a warning, if the learning rate is still rising when the run ends
     */
    public Optional<String> warning(int sequenceLength) {
        long last = totalSteps(sequenceLength);
        long warmup = schedule.warmupSteps();
        if (warmup == 0 || warmup < last) {
            return Optional.empty();
        }
        return Optional.of("warning: train.schedule.warmupSteps " + warmup + " is not below the " + last
                + " steps of the run: the learning rate only rises, to "
                + (float) (optimizer.learningRate() * last / warmup) + " of " + (float) optimizer.learningRate()
                + ", and never decays; use a shorter warm-up, or a longer run");
    }

    /**
     * Length of the run in tokens.
     *
     * @param sequenceLength tokens of one sequence
     * @return tokens of all steps; at most the largest long
     */
    public long totalTokens(int sequenceLength) {
        long sequences = ramp().sampleAfter(0, totalSteps(sequenceLength));
        return sequences > Long.MAX_VALUE / sequenceLength ? Long.MAX_VALUE : sequences * sequenceLength;
    }

    /**
     * Tells whether a block's activations are computed again in backward.
     *
     * @param block block index from 0
     * @param moe whether this block has experts
     * @return true if they are not kept
     */
    public boolean recomputes(int block, boolean moe) {
        return switch (recompute.get(0)) {
            case "none" -> false;
            case "all" -> true;
            case "moe" -> moe;
            default ->
                recompute.get(0).startsWith(EVERY)
                        ? (block + 1) % everyHowMany() == 0
                        : recompute.contains(Integer.toString(block));
        };
    }

    private int everyHowMany() {
        return Integer.parseInt(recompute.get(0).substring(EVERY.length()));
    }

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code train} to what is wrong and the remedy, in the order of the components
     */
    public Map<String, String> problems() {
        Rules rules = new Rules().atLeast("globalBatch", globalBatch, 1).atLeast("microBatch", microBatch, 1);
        if (globalBatch > 0 && microBatch > 0) {
            rules.require(
                    globalBatch % microBatch == 0,
                    "microBatch",
                    microBatch + " does not divide globalBatch " + globalBatch + "; use a divisor, for example "
                            + largestDivisor(globalBatch, microBatch));
        }
        lengthRules(rules);
        precisionRules(rules);
        recomputeRules(rules);
        attentionRule(rules);
        return rules.require(
                        zeroStage >= 0 && zeroStage <= 2,
                        "zeroStage",
                        zeroStage + " must be 0, 1 (optimizer divided over the ranks) or 2 (gradients too)")
                .section("optimizer", optimizer.problems())
                .require(
                        zeroStage == 0 || !(optimizer instanceof AdafactorConfig),
                        "optimizer.type",
                        "'adafactor' needs whole matrices, which zeroStage " + zeroStage
                                + " divides; use zeroStage 0, or another type")
                .require(
                        precision.equals("bf16") || !optimizer.withoutMasters(),
                        "optimizer.masterWeights",
                        "'none' needs precision bf16; with " + precision + " weights have no other copy, leave it out")
                .section("schedule", schedule.problems())
                .require(
                        schedule.type().equals("constant")
                                || schedule.minimumLearningRate() <= optimizer.learningRate(),
                        "schedule.minimumLearningRate",
                        schedule.minimumLearningRate() + " is above optimizer.learningRate " + optimizer.learningRate()
                                + "; the schedule only decays")
                .require(
                        clipNorm >= 0 && Double.isFinite(clipNorm),
                        "clipNorm",
                        clipNorm + " must be 0 (no clipping) or positive, for example 1.0")
                .atLeast("validateEvery", validateEvery, 0)
                .atLeast("validationBatches", validationBatches, 1)
                .atLeast("maxNonFiniteSteps", maxNonFiniteSteps, 1)
                .atLeast("logEvery", logEvery, 1)
                .atLeast("headChunk", headChunk, 1)
                .atLeast("expertParallel", expertParallel, 1)
                .require(
                        !optimizerInBackward || !isFp16(precision),
                        "optimizerInBackward",
                        "true does not go with fp16, whose overflows must leave all weights as they are; use bf16")
                .require(
                        !optimizerInBackward || clipNorm == 0,
                        "optimizerInBackward",
                        "true cannot clip: the global norm is known after backward, when weights have changed; set clipNorm"
                                + " to 0")
                .require(
                        !optimizerInBackward || batchRamp == null || !batchRamp.growsTo(globalBatch),
                        "optimizerInBackward",
                        "true keeps no gradients, so each rank has one micro-batch in every step; but with batchRamp steps"
                                + " grow to globalBatch " + globalBatch + "; leave one of the two out")
                .oneOf("offloadOptimizer", offloadOptimizer, List.of("none", "cpu"))
                .atLeast("rankTimeoutSeconds", rankTimeoutSeconds, 1)
                .section("batchRamp", batchRamp == null ? Map.of() : batchRamp.problems(globalBatch, microBatch))
                .problems();
    }

    private void lengthRules(Rules rules) {
        if (steps == null && tokens == null) {
            rules.require(false, "steps", "is missing; give steps (optimizer steps) or tokens (training tokens)");
        } else if (steps != null && tokens != null) {
            rules.require(false, "tokens", "is given together with steps; keep one of the two");
        } else if (steps != null) {
            rules.atLeast("steps", steps, 1);
        } else {
            rules.atLeast("tokens", Objects.requireNonNull(tokens), 1);
        }
    }

    private void precisionRules(Rules rules) {
        List<String> available = List.of("fp32", "bf16", "fp16");
        rules.oneOf("precision", precision, available);
        if (!available.contains(precision)) {
            return;
        }
        rules.oneOf("gradientPrecision", gradientPrecision, available);
        rules.require(
                gradientPrecision.equals("fp32") || gradientPrecision.equals(precision),
                "gradientPrecision",
                "'" + gradientPrecision + "' needs precision " + gradientPrecision + "; with " + precision
                        + " use fp32 or leave it out");
        if (lossScale != null) {
            rules.require(isFp16(precision), "lossScale", "is for precision fp16 only; leave it out with " + precision);
            rules.section("lossScale", lossScale.problems());
        }
    }

    private void recomputeRules(Rules rules) {
        String first = recompute.get(0);
        boolean word =
                recompute.size() == 1 && (RECOMPUTE_WORDS.contains(first) || first.matches(EVERY + "[1-9][0-9]{0,5}"));
        for (String entry : recompute) {
            rules.require(
                    word || isIndex(entry),
                    "recompute",
                    "'" + entry
                            + "' must be none, all, moe, every-2 or the like, or a list of block indices such as [0, 1, 2]");
        }
    }

    private void attentionRule(Rules rules) {
        List<String> known = new ArrayList<>(List.of(AUTO));
        known.addAll(NamedAttention.labels());
        rules.require(
                known.contains(attention),
                "attention",
                "'" + Excerpt.of(attention) + "' is no form of attention; did you mean '"
                        + NearestKey.to(attention, known).orElse(AUTO) + "'? Known: " + String.join(", ", known));
    }

    private static boolean isIndex(String entry) {
        return entry.matches("0|[1-9][0-9]{0,8}");
    }

    private static int largestDivisor(int globalBatch, int microBatch) {
        int divisor = Math.min(globalBatch, microBatch);
        while (globalBatch % divisor != 0) {
            divisor--;
        }
        return divisor;
    }
}
