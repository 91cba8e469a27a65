package io.github.gptmoe.train;

import ai.djl.Device;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.attention.AttentionChoice;
import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.config.RunConfig;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The form of attention of a run: the one that this call names; else, when a run is continued, the one it has, so that it goes
 * on with the same bits; else what a resolver chooses. A run that was killed before its first checkpoint is continued too.
 */
final class RunAttention {
    private RunAttention() {}

    /**
     * Chooses.
     *
     * @param now this call's configuration
     * @param before that of the run which is continued
     * @param resolver asked where neither names a form
     * @param device must be able to run the form
     * @throws InputException if it is not
     */
    static AttentionChoice choose(
            RunConfig now, Optional<RunConfig> before, AttentionResolver resolver, Device device) {
        AttentionChoice choice = choose(now, before, resolver);
        requireRuns(choice.form(), device);
        return choice;
    }

    private static AttentionChoice choose(RunConfig now, Optional<RunConfig> before, AttentionResolver resolver) {
        Optional<NamedAttention> named = now.train().namedAttention();
        Optional<NamedAttention> had = before.map(RunAttention::of);
        if (named.isPresent()) {
            String change = had.filter(form -> form != named.get())
                    .map(form -> "; the run had " + form.label() + " before, so its losses change by rounding")
                    .orElse("");
            return new AttentionChoice(named.get(), "train.attention" + change);
        }
        return had.map(form -> new AttentionChoice(form, "as the run began")).orElseGet(() -> resolver.choose(now));
    }

    /** What a configuration computes with. Runs that were made before forms had names followed the fixed rule. */
    static NamedAttention of(RunConfig config) {
        return config.train()
                .namedAttention()
                .orElseGet(() -> AttentionResolver.fixedRule().choose(config).form());
    }

    /** As {@link #of}, for a device that must be able to run it. */
    static NamedAttention on(Device device, RunConfig config) {
        NamedAttention form = of(config);
        requireRuns(form, device);
        return form;
    }

    private static void requireRuns(NamedAttention form, Device device) {
        if (!form.runsOn(device)) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "train.attention: '" + form.label() + "' does not run on " + device + "; use --set train.attention="
                            + Arrays.stream(NamedAttention.values())
                                    .filter(other -> other.runsOn(device))
                                    .map(NamedAttention::label)
                                    .collect(Collectors.joining(" or ")));
        }
    }
}
