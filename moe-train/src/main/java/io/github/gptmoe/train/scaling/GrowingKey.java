package io.github.gptmoe.train.scaling;

import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Which settings change with one that grows, so that nothing else of a comparison does. */
final class GrowingKey {
    static final String SEQUENCE_LENGTH = "model.sequenceLength";
    static final String LAYERS = "model.layers";
    static final String HIDDEN = "model.hidden";
    static final String EXPERTS = "model.experts";

    private static final String RAMP = "train.batchRamp";

    /** Keys with rules of their own; the value of any other is set as it is. */
    static final List<String> SPECIAL = List.of(SEQUENCE_LENGTH, LAYERS, HIDDEN, EXPERTS);

    private GrowingKey() {}

    /**
     * Derives the settings.
     *
     * @param base the configuration that grows
     * @param key what grows
     * @param value to where
     * @return overrides {@code key=value}
     * @throws ConfigException if the rest cannot follow, with the remedy
     */
    static List<String> sets(RunConfig base, String key, BigDecimal value) {
        List<String> sets = new ArrayList<>(following(base, key, value));
        if (base.train().batchRamp() != null && !key.startsWith(RAMP)) {
            sets.add(RAMP + "="); // measured is the batch after it, and its sizes might not fit this one
        }
        return List.copyOf(sets);
    }

    private static List<String> following(RunConfig base, String key, BigDecimal value) {
        return switch (key) {
            case SEQUENCE_LENGTH -> sequenceLength(base, whole(key, value));
            case LAYERS -> layers(base.model(), whole(key, value));
            case HIDDEN -> hidden(base.model(), whole(key, value));
            case EXPERTS -> List.of(EXPERTS + "=" + whole(key, value));
            default -> List.of(key + "=" + value.toPlainString());
        };
    }

    private static long whole(String key, BigDecimal value) {
        try {
            long whole = value.longValueExact();
            if (whole > 0 || (whole == 0 && key.equals(EXPERTS))) {
                return whole;
            }
        } catch (ArithmeticException fraction) {
            // said below
        }
        throw problem(value.toPlainString() + " must be a whole number from 1 on"
                + (key.equals(EXPERTS) ? ", or 0 for the dense model" : ""));
    }

    /** The tokens of a micro-batch and of a step stay: shorter sequences, more of them. */
    private static List<String> sequenceLength(RunConfig base, long length) {
        TrainConfig train = base.train();
        long now = base.model().sequenceLength();
        long tokens = train.microBatch() * now;
        if (tokens % length != 0) {
            throw problem("a micro-batch of " + train.microBatch() + " x " + now + " = " + tokens
                    + " tokens cannot be cut into sequences of " + length + "; use divisors of " + tokens
                    + ", or set train.microBatch and train.globalBatch");
        }
        return List.of(
                SEQUENCE_LENGTH + "=" + length,
                "train.microBatch=" + tokens / length,
                "train.globalBatch=" + train.globalBatch() * now / length);
    }

    /** Equal MoE layers are repeated; a pyramid has no natural continuation, and the configuration's own rule says so. */
    private static List<String> layers(ModelConfig model, long layers) {
        boolean equal = new HashSet<>(model.experts()).size() == 1;
        String depth = LAYERS + "=" + layers;
        return equal ? List.of(depth, EXPERTS + "=" + model.experts().get(0)) : List.of(depth);
    }

    /** The size of a head stays: a wider model has more heads. */
    private static List<String> hidden(ModelConfig model, long hidden) {
        int headSize = model.hidden() / model.heads();
        if (hidden % headSize != 0) {
            throw problem(hidden + " is no multiple of " + headSize + ", the size of a head (model.hidden "
                    + model.hidden() + " / model.heads " + model.heads() + "); use multiples of " + headSize
                    + ", or set model.heads");
        }
        return List.of(HIDDEN + "=" + hidden, "model.heads=" + hidden / headSize);
    }

    private static ConfigException problem(String text) {
        return new ConfigException("--values", List.of(text));
    }
}
