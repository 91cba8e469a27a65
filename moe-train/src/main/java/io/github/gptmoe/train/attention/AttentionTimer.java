package io.github.gptmoe.train.attention;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.NativeMemory;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.NamedAttention;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Times forms of attention in alternation, so that a machine that is busy for a while is so for all of them; of each form the
 * fastest forward and the fastest backward count.
 *
 * <p>A first round warms up, on a head for each thread. Arithmetic grows with the number of heads, so it also predicts what
 * all of them take, and a form that would take half as long again as the fastest, preparation aside, is not begun: where
 * sequences are long that is most of the time. Rounds follow until a second is over, at least two; forms that were timed
 * twice, or once in a round of a second, and take half as long again as the fastest are left out, which leaves more rounds to
 * those between which there is something to decide. A round of ten seconds is the only one. So measuring takes about a second
 * or, where a form alone takes longer than that, one or two passes of those that are not hopeless, and the warm-up.
 */
final class AttentionTimer implements AttentionMeasure {
    private static final long BUDGET_NANOS = 1_000_000_000L;
    private static final long LONG_ROUND_NANOS = 10 * BUDGET_NANOS;
    private static final int MOST_ROUNDS = 50;
    private static final int LEAST_ROUNDS = 2;
    private static final double HOPELESS = 1.5;

    /** What a first run of a form may take longer than the next: compilation, threads, fresh memory. */
    private static final double PREPARATION_MILLISECONDS = 200;

    private final Device device;
    private final LongSupplier nanoTime;
    private final Consumer<String> told;
    private final Function<NamedAttention, AttentionForm> forms;

    /**
     * Makes a timer.
     *
     * @param device where attention is computed
     * @param nanoTime the clock, {@code System::nanoTime} or a test's
     * @param told hears of forms that could not be run
     */
    AttentionTimer(Device device, LongSupplier nanoTime, Consumer<String> told) {
        this(device, nanoTime, told, NamedAttention::form);
    }

    /** As above, with other forms behind the names. */
    AttentionTimer(
            Device device,
            LongSupplier nanoTime,
            Consumer<String> told,
            Function<NamedAttention, AttentionForm> forms) {
        this.device = device;
        this.nanoTime = nanoTime;
        this.told = told;
        this.forms = forms;
    }

    @Override
    public AttentionTimings time(AttentionCase of, List<NamedAttention> named) {
        KernelModule.enter();
        try (NDManager manager = NDManager.newBaseManager(device)) {
            return new Measurement(manager, of).run(named);
        } finally {
            // The slowest form's arrays may be larger than anything that a run needs; it would hold them for life.
            NativeMemory.trim();
        }
    }

    private final class Measurement {
        private final NDManager manager;
        private final AttentionCase of;
        private final Map<NamedAttention, AttentionTiming> best = new LinkedHashMap<>();
        private final Map<NamedAttention, String> refused = new LinkedHashMap<>();
        private final Map<NamedAttention, String> hopeless = new LinkedHashMap<>();
        private @Nullable EngineException lastRefusal;

        Measurement(NDManager manager, AttentionCase of) {
            this.manager = manager;
            this.of = of;
        }

        AttentionTimings run(List<NamedAttention> named) {
            long start = nanoTime.getAsLong();
            long few = Math.min(of.heads(), of.threads());
            try (NDManager warmUp = manager.newSubManager()) {
                round(arrays(warmUp, of, few), named);
                requireOne();
            }
            if (few == of.heads() && nanoTime.getAsLong() - start >= LONG_ROUND_NANOS) {
                return result(); // preparation is nothing beside it
            }
            leaveOutHopeless(few);
            List<NamedAttention> left = List.copyOf(best.keySet());
            best.clear();
            rounds(arrays(manager, of, of.heads()), left, start);
            return result();
        }

        private void rounds(NDList arrays, List<NamedAttention> first, long start) {
            List<NamedAttention> left = first;
            for (int round = 1; round <= MOST_ROUNDS; round++) {
                long begin = nanoTime.getAsLong();
                round(arrays, left);
                if (best.isEmpty()) { // all heads are more than the engine can take, in the forms that seemed fast
                    left = List.copyOf(hopeless.keySet());
                    hopeless.clear();
                    round(arrays, left);
                    requireOne();
                }
                long end = nanoTime.getAsLong();
                if (end - begin >= LONG_ROUND_NANOS || (round >= LEAST_ROUNDS && end - start >= BUDGET_NANOS)) {
                    return;
                }
                // One bad moment must not put a short form out of the running: each has been timed twice by then.
                left = round > 1 || end - begin >= BUDGET_NANOS ? hopeful() : List.copyOf(best.keySet());
            }
        }

        private void round(NDList arrays, List<NamedAttention> named) {
            for (NamedAttention form : named) {
                try {
                    best.merge(form, once(manager, arrays, form), AttentionTimer::faster);
                } catch (EngineException cannot) {
                    best.remove(form); // whatever an earlier round said: it cannot be relied on
                    String reason = String.valueOf(cannot.getMessage())
                            .lines()
                            .findFirst()
                            .orElse("");
                    refused.put(form, "cannot be run here: " + reason);
                    lastRefusal = cannot;
                    told.accept(
                            "warning: attention " + form.label() + " cannot be run here and is left out: " + reason);
                }
            }
        }

        private void requireOne() {
            if (best.isEmpty() && lastRefusal != null) {
                throw lastRefusal;
            }
        }

        private double fastest() {
            return best.values().stream()
                    .mapToDouble(AttentionTiming::milliseconds)
                    .min()
                    .orElseThrow();
        }

        private List<NamedAttention> hopeful() {
            double fastest = fastest();
            return best.entrySet().stream()
                    .filter(form -> form.getValue().milliseconds() <= HOPELESS * fastest)
                    .map(Map.Entry::getKey)
                    .toList();
        }

        private void leaveOutHopeless(long few) {
            double fastest = fastest();
            double all = of.heads() / (double) few;
            best.forEach((form, timing) -> {
                if (timing.milliseconds() - PREPARATION_MILLISECONDS > HOPELESS * fastest) {
                    hopeless.put(
                            form,
                            String.format(
                                    Locale.ROOT,
                                    "not timed: by %d of %d heads it takes about %.0f ms, the fastest about %.0f ms",
                                    few,
                                    of.heads(),
                                    timing.milliseconds() * all,
                                    fastest * all));
                }
            });
            best.keySet().removeAll(hopeless.keySet());
        }

        private AttentionTimings result() {
            Map<String, String> untimed = new LinkedHashMap<>();
            refused.forEach((form, reason) -> untimed.put(form.label(), reason));
            hopeless.forEach((form, reason) -> untimed.put(form.label(), reason));
            return new AttentionTimings(
                    best.entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(Map.Entry::getValue)
                            .toList(),
                    untimed);
        }
    }

    private AttentionTiming once(NDManager manager, NDList arrays, NamedAttention named) {
        try (NDManager scope = manager.newSubManager()) {
            long start = nanoTime.getAsLong();
            AttentionForm.Recorded recorded = forms.apply(named).record(scope, arrays.subNDList(0, 3));
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
    private static NDList arrays(NDManager manager, AttentionCase of, long heads) {
        Shape shape = new Shape(1, heads, of.sequenceLength(), of.headSize());
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
