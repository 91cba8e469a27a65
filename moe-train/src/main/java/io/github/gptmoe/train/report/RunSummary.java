package io.github.gptmoe.train.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.gptmoe.core.accounting.ParameterCount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code summary.json}: where a run ended.
 *
 * @param finished true when the last step was made; false when the run was stopped and can be continued
 * @param step last step
 * @param tokens tokens trained on
 * @param loss training loss of the last step
 * @param lmLoss its language-model part
 * @param validationLoss last validation loss, nats a token
 * @param perplexity exp of it
 * @param bitsPerByte bits a byte of validation text
 * @param unigramLoss what a unigram model reaches on the tokens that validationLoss is the mean over
 * @param bigramLoss what a bigram model reaches there
 * @param parameters parameter counts
 * @param nonFiniteSteps steps skipped because of a loss or gradient that was not finite
 * @param wallSeconds seconds of training in this process, data preparation excluded
 * @param tokensPerSecond tokens a second over those
 * @param mfu share of the measured matrix-product ceiling over those
 * @param gemmPeakGflops that ceiling
 * @param precision fp32, bf16 or fp16
 * @param checkpoint folder of the last checkpoint, relative to the run folder
 * @param dataWaitShare share of wallSeconds in which the step loop waited for batches; not a number without steps
 * @param secondsToFirstStep from the start of this Java process to the end of its first optimizer step: libraries, data
 *     preparation, allocation and the step; not a number if it made none
 * @param expertLoad load of each MoE layer over the last validation set
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record RunSummary(
        boolean finished,
        long step,
        long tokens,
        double loss,
        double lmLoss,
        double validationLoss,
        double perplexity,
        double bitsPerByte,
        double unigramLoss,
        double bigramLoss,
        ParameterCount parameters,
        long nonFiniteSteps,
        double wallSeconds,
        double tokensPerSecond,
        double mfu,
        double gemmPeakGflops,
        String precision,
        String checkpoint,
        double dataWaitShare,
        double secondsToFirstStep,
        List<LayerLoad> expertLoad) {

    /**
     * Load report of one MoE layer.
     *
     * @param layer block index
     * @param shares share of the tokens by expert
     * @param maxOverMean busiest expert over the mean
     * @param normalisedEntropy entropy of the shares over log E; 1 is even
     * @param insideMargin share of tokens nearer to a boundary than the margin, or null for routers without one
     */
    public record LayerLoad(
            int layer,
            List<Double> shares,
            double maxOverMean,
            double normalisedEntropy,
            @Nullable Double insideMargin) {}
}
