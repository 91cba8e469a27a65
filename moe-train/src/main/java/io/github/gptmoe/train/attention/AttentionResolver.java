package io.github.gptmoe.train.attention;

import ai.djl.engine.Engine;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.train.config.RunConfig;

/** Chooses the form of attention of a run that begins and names none. */
@FunctionalInterface
public interface AttentionResolver {
    /**
     * Chooses.
     *
     * @param run its {@code train.attention} does not matter
     * @return a form that runs on this machine's device
     */
    AttentionChoice choose(RunConfig run);

    /**
     * The resolver that looks at nothing but precision, length and kind of device, and measures nothing.
     *
     * @return {@link NamedAttention#standard} on the device that runs take
     */
    static AttentionResolver fixedRule() {
        return run -> {
            int length = run.model().sequenceLength();
            String precision = run.train().precision();
            NamedAttention form = NamedAttention.standard(
                    Engine.getEngine("PyTorch").defaultDevice(), Precision.named(precision), length);
            return new AttentionChoice(form, "the fixed rule for " + precision + " and " + length + " tokens");
        };
    }
}
