package io.github.gptmoe.train.attention;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.RunConfig;

/**
 * Everything that the time of attention depends on: timings of one case say nothing about another.
 *
 * @param device name of the processor or GPU
 * @param threads threads of one operation
 * @param libtorch version of libtorch
 * @param kernels fingerprint of our kernels
 * @param precision fp32, bf16 or fp16
 * @param heads sequences of a micro-batch times heads of the model
 * @param sequenceLength tokens of a sequence
 * @param headSize width of a head
 */
public record AttentionCase(
        String device,
        int threads,
        String libtorch,
        String kernels,
        String precision,
        long heads,
        int sequenceLength,
        int headSize) {

    /**
     * The case of a run.
     *
     * @param machine where it runs
     * @param run its configuration
     * @return the case
     */
    static AttentionCase of(AttentionMachine machine, RunConfig run) {
        ModelConfig model = run.model();
        return new AttentionCase(
                machine.name(),
                machine.threads(),
                machine.libtorch(),
                machine.kernels(),
                run.train().precision(),
                (long) run.train().microBatch() * model.heads(),
                model.sequenceLength(),
                model.hidden() / model.heads());
    }

    Precision dtype() {
        return Precision.named(precision);
    }
}
