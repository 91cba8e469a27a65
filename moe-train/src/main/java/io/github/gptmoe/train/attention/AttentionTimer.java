package io.github.gptmoe.train.attention;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.NamedAttention;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Times forms of attention in alternation, so that a machine that is busy for a while is so for all of them; of each form the
 * fastest forward and the fastest backward count. A first round warms up. Rounds follow until a second is over, at least two;
 * forms that were timed twice and take half as long again as the fastest are left out, which leaves more rounds to those between
 * which there is something to decide. Where a round takes ten seconds, preparation is nothing beside it, and it is
 * the only one.
 */
final class AttentionTimer implements AttentionMeasure {
    private static final long BUDGET_NANOS = 1_000_000_000L;
    private static final long LONG_ROUND_NANOS = 10 * BUDGET_NANOS;
    private static final int MOST_ROUNDS = 50;
    private static final int LEAST_ROUNDS = 3;
    private static final double HOPELESS = 1.5;

    private final Device device;
    private final LongSupplier nanoTime;
    private final Consumer<String> told;

    /**
     * Makes a timer.
     *
     * @param device where attention is computed
     * @param nanoTime the clock, {@code System::nanoTime} or a test's
     * @param told hears of forms that could not be run
     */
    AttentionTimer(Device device, LongSupplier nanoTime, Consumer<String> told) {
        this.device = device;
        this.nanoTime = nanoTime;
        this.told = told;
    }

    @Override
    public List<AttentionTiming> time(AttentionCase of, List<NamedAttention> forms) {
        KernelModule.enter();
        try (NDManager manager = NDManager.newBaseManager(device)) {
            NDList arrays = arrays(manager, of);
            Map<NamedAttention, AttentionTiming> best = new LinkedHashMap<>();
            long start = nanoTime.getAsLong();
            round(manager, arrays, forms, best);
            List<NamedAttention> left = List.copyOf(best.keySet());
            long firstRound = nanoTime.getAsLong() - start;
            if (firstRound >= LONG_ROUND_NANOS) {
                return List.copyOf(best.values());
            }
            boolean small = firstRound < BUDGET_NANOS;
            if (small) {
                best.clear(); // a first run of a small form is mostly preparation
            }
            for (int round = 1; round < MOST_ROUNDS; round++) {
                if (round >= LEAST_ROUNDS && nanoTime.getAsLong() - start >= BUDGET_NANOS) {
                    break;
                }
                round(manager, arrays, left, best);
                // One bad moment must not put a form out of the running: each has been timed twice by then.
                left = round > 1 || !small ? hopeful(best) : left;
            }
            return List.copyOf(best.values());
        }
    }

    private static List<NamedAttention> hopeful(Map<NamedAttention, AttentionTiming> best) {
        double fastest = best.values().stream()
                .mapToDouble(AttentionTiming::milliseconds)
                .min()
                .orElseThrow();
        return best.entrySet().stream()
                .filter(form -> form.getValue().milliseconds() <= HOPELESS * fastest)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void round(
            NDManager manager, NDList arrays, List<NamedAttention> forms, Map<NamedAttention, AttentionTiming> best) {
        EngineException refused = null;
        for (NamedAttention form : forms) {
            try {
                best.merge(form, once(manager, arrays, form), AttentionTimer::faster);
            } catch (EngineException cannot) {
                refused = cannot;
                told.accept("warning: attention " + form.label() + " cannot be run here and is left out: "
                        + String.valueOf(cannot.getMessage())
                                .lines()
                                .findFirst()
                                .orElse(""));
            }
        }
        if (best.isEmpty() && refused != null) {
            throw refused;
        }
    }

    private AttentionTiming once(NDManager manager, NDList arrays, NamedAttention named) {
        try (NDManager scope = manager.newSubManager()) {
            long start = nanoTime.getAsLong();
            AttentionForm.Recorded recorded = named.form().record(scope, arrays.subNDList(0, 3));
            await(scope, recorded.output());
            long middle = nanoTime.getAsLong();
            await(scope, recorded.backward(scope, arrays.get(3)).get(0));
            long end = nanoTime.getAsLong();
            return new AttentionTiming(named.label(), (middle - start) / 1e6, (end - middle) / 1e6);
        }
    }

    private static AttentionTiming faster(AttentionTiming a, AttentionTiming b) {
        return new AttentionTiming(
                a.form(),
                Math.min(a.forwardMilliseconds(), b.forwardMilliseconds()),
                Math.min(a.backwardMilliseconds(), b.backwardMilliseconds()));
    }

    /** A GPU works on after a call has returned; reading a value waits for it. A CPU does not, and needs no reading. */
    private void await(NDManager scope, NDArray result) {
        if (device.isGpu()) {
            Precision.FP32.cast(scope, result.get("0:1, 0:1, 0:1, 0:1")).getFloat();
        }
    }

    /** Queries, keys, values and a gradient: values that need no random generator, so that measuring changes no run. */
    private static NDList arrays(NDManager manager, AttentionCase of) {
        Shape shape = new Shape(1, of.heads(), of.sequenceLength(), of.headSize());
        NDList arrays = new NDList();
        for (int i = 0; i < 4; i++) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray values = scope.linspace(0f, 1000f + i, Math.toIntExact(shape.size()), true)
                        .sin()
                        .reshape(shape);
                NDArray array = of.dtype().cast(scope, values);
                array.attach(manager);
                arrays.add(array);
            }
        }
        return arrays;
    }
}
