package io.github.gptmoe.train.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.train.config.RunConfig;

/**
 * Bytes of one device, the fullest, at the moment of a training step when most is held. See docs/scaling.md for the formulas.
 *
 * @param weights to compute with, and FP32 masters
 * @param gradients accumulators
 * @param optimizer moments
 * @param activations what forward keeps for backward
 * @param buffers everything else, by kind in {@code bufferKinds}
 * @param total the sum
 * @param expertActivations the part of {@code activations} that routers and experts keep
 * @param bufferKinds the parts of {@code buffers}
 * @param peak what is going on at that moment
 * @param host bytes that the device's rank keeps in the memory of its host beside it; 0 on a CPU, whose memory that is
 */
public record MemoryPlan(
        long weights,
        long gradients,
        long optimizer,
        long activations,
        long buffers,
        long total,
        long expertActivations,
        Buffers bufferKinds,
        String peak,
        @JsonIgnore HostBytes host) {
    /**
     * What is neither state nor activations.
     *
     * @param gradientBuckets ZeRO-2: memory in which gradients wait for their sum over the ranks
     * @param exchange expert parallelism: rows that went to other ranks and came from them
     * @param logits the head's chunk: logits, their softmax and their gradients
     * @param reduction ranks that are threads: temporaries of sums over them
     * @param temporaries of the kernels that run at the peak
     * @param staging an offloaded optimizer on a CPU: what a GPU would copy to its host and back
     */
    public record Buffers(
            long gradientBuckets, long exchange, long logits, long reduction, long temporaries, long staging) {
        long total() {
            return gradientBuckets + exchange + logits + reduction + temporaries + staging;
        }
    }

    /**
     * Counts.
     *
     * @param run its configuration, which can be divided over the devices
     * @param target what it is planned for
     * @return the bytes
     */
    public static MemoryPlan of(RunConfig run, PlanTarget target) {
        GptModel model = new GptModel(run.model()); // a list of names and shapes; nothing is initialised
        StateBytes state = StateBytes.largest(model, run.train(), target);
        StepTimeline.Moment peak = StepTimeline.peak(run, model, target);
        HostBytes beside = target.gpu() ? state.host() : HostBytes.NONE;
        HostBytes inside = target.gpu() ? HostBytes.NONE : state.host();
        Buffers buffers = new Buffers(
                state.gradientBuckets(),
                peak.exchange(),
                peak.logits(),
                peak.reduction(),
                peak.temporaries(),
                inside.staging());
        return new MemoryPlan(
                state.weights() + inside.weights(),
                state.gradients(),
                state.optimizer() + inside.optimizer(),
                peak.activations(),
                buffers.total(),
                state.total() - beside.total() + peak.total(),
                peak.expertActivations(),
                buffers,
                peak.name(),
                beside);
    }
}
