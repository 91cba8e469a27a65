package io.github.gptmoe.train.plan;

import ai.djl.Device;
import io.github.gptmoe.core.accounting.StepShape;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.RunConfig;

/**
 * What a run is planned for; need not be there.
 *
 * @param devices number of devices, one rank each
 * @param gpu whether they are GPUs; else ranks are threads of one process
 */
public record PlanTarget(int devices, boolean gpu) {
    /** More are not counted rank by rank in a moment. */
    public static final int MOST_DEVICES = 10_000;

    /**
     * The form of attention that a run takes here, without measuring.
     *
     * @param run its configuration
     * @return what it names, else the fixed rule's
     * @throws InputException if it names one that does not run on such devices
     */
    public NamedAttention attention(RunConfig run) {
        Device device = gpu ? Device.gpu() : Device.cpu();
        NamedAttention form = run.train()
                .namedAttention()
                .orElseGet(() -> NamedAttention.standard(
                        device,
                        Precision.named(run.train().precision()),
                        run.model().sequenceLength()));
        if (!form.runsOn(device)) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "train.attention: '" + form.label()
                            + "' does not run on GPUs; plan with --device cpu, or --set train.attention=sdpa");
        }
        return form;
    }

    StepShape shape(RunConfig run) {
        return new StepShape(
                run.train().microBatch(),
                run.model().sequenceLength(),
                Precision.named(run.train().precision()),
                Precision.named(run.train().gradientPrecision()),
                attention(run),
                gpu,
                run.train().expertParallel());
    }
}
