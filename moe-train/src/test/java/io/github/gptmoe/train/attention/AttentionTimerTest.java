package io.github.gptmoe.train.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.model.NamedAttention;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The order of measuring, with a clock that tells what the test wants; the kernels run, on a shape of no size.
 *
 * <p>Readings of the clock, from 0: the start; three a form of the warm-up; then in each round one, three a form (the second
 * ends forward, the third backward), and one.
 */
class AttentionTimerTest {
    private static final long MILLISECOND = 1_000_000;
    private static final List<NamedAttention> THREE =
            List.of(NamedAttention.BLOCK_64, NamedAttention.FUSED, NamedAttention.SDPA);

    private final List<String> told = new ArrayList<>();
    private final Map<NamedAttention, LongPredicate> refusals = new EnumMap<>(NamedAttention.class);
    private long now;
    private int readings;

    /** Two heads. */
    private AttentionTimings time(
            String precision, int threads, List<NamedAttention> forms, IntToLongFunction milliseconds) {
        AttentionTimer timer = new AttentionTimer(
                Device.cpu(),
                () -> {
                    now += milliseconds.applyAsLong(readings++) * MILLISECOND;
                    return now;
                },
                told::add,
                Refusing::new);
        return timer.time(new AttentionCase("chip", threads, "2", "a", precision, 2, 20, 4), forms);
    }

    private AttentionTimings time(List<NamedAttention> forms, IntToLongFunction milliseconds) {
        return time("fp32", 1, forms, milliseconds);
    }

    /** The form of a name, unless the test says no to a number of heads. */
    private final class Refusing implements AttentionForm {
        private final NamedAttention named;

        Refusing(NamedAttention named) {
            this.named = named;
        }

        @Override
        public NDArray run(NDManager scope, NDList qkv) {
            return named.form().run(scope, qkv);
        }

        @Override
        public Recorded record(NDManager scope, NDList qkv) {
            if (refusals.getOrDefault(named, heads -> false)
                    .test(qkv.get(0).getShape().get(1))) {
                throw new EngineException("no kernel\nat a place");
            }
            return named.form().record(scope, qkv);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void everyFormIsTimedInBothDirections(String precision) {
        AttentionTimings found = time(precision, 1, List.of(NamedAttention.values()), reading -> 2);
        assertThat(found.timings().stream().map(AttentionTiming::form)).isEqualTo(NamedAttention.labels());
        assertThat(found.timings()).allSatisfy(timing -> {
            assertThat(timing.forwardMilliseconds()).isEqualTo(2);
            assertThat(timing.backwardMilliseconds()).isEqualTo(2);
        });
        assertThat(found.untimed()).isEmpty();
        assertThat(told).isEmpty();
        // 20 readings a round are 40 ms, so that 25 rounds fill the second.
        assertThat((readings - 19) / 20).isBetween(24, 26);
    }

    @Test
    void theBestOfSeveralRoundsCountsWithoutTheWarmUp() {
        AttentionTimings found = time(List.of(NamedAttention.FUSED), reading -> switch (reading) {
            case 2, 3 -> 0; // the warm-up would be the best, and does not count
            case 6 -> 7;
            case 7 -> 5;
            case 11 -> 4;
            case 12 -> 9;
            default -> 200;
        });
        assertThat(found.timings()).containsExactly(new AttentionTiming("fused", 4, 5));
        assertThat(readings).isEqualTo(4 + 5 + 5);
    }

    /** Warm-up 1-9; round 1 10-17 without the last form, which half the heads show to be hopeless; round 2 18-22. */
    @Test
    void formsWithoutHopeAreNotBegunOrLeaveTheirTimeToTheOthers() {
        AttentionTimings found = time(THREE, reading -> switch (reading) {
            case 2, 3 -> 500;
            case 5, 6 -> 850; // 1,700 less 200 for preparation: half as long again as 1,000, and no more
            case 8 -> 850;
            case 9 -> 851;
            case 12, 13 -> 400;
            case 15, 16 -> 610;
            case 20 -> 450;
            case 21 -> 390;
            default -> 0;
        });
        assertThat(found.timings())
                .containsExactly(new AttentionTiming("block-64", 400, 390), new AttentionTiming("fused", 610, 610));
        assertThat(found.untimed())
                .containsExactly(Map.entry(
                        "sdpa", "not timed: by 1 of 2 heads it takes about 3402 ms, the fastest about 2000 ms"));
        assertThat(readings).isEqualTo(10 + 8 + 5);
    }

    @Test
    void preparationPutsNoShortFormOutOfTheRunning() {
        AttentionTimings found = time(THREE, reading -> switch (reading) {
            case 2 -> 1;
            case 5, 8 -> 200;
            default -> reading < 10 ? 0 : 100;
        });
        assertThat(found.timings()).hasSize(3);
    }

    @Test
    void aVeryLongRoundIsTheOnlyOne() {
        List<NamedAttention> forms = List.of(NamedAttention.FUSED, NamedAttention.SDPA);
        assertThat(time(forms, reading -> reading == 9 ? 10_000 : 0).timings())
                .containsExactly(new AttentionTiming("fused", 10_000, 0), new AttentionTiming("sdpa", 0, 0));
        assertThat(readings).isEqualTo(7 + 8);
        now = 0;
        readings = 0;
        assertThat(time("fp32", 2, forms, reading -> reading == 2 ? 10_000 : 0).timings())
                .as("a head for each thread is all heads")
                .containsExactly(new AttentionTiming("fused", 10_000, 0), new AttentionTiming("sdpa", 0, 0));
        assertThat(readings).isEqualTo(7 + 1);
    }

    @Test
    void aFormThatIsRefusedOnceIsOut() {
        refusals.put(NamedAttention.FUSED, heads -> true);
        refusals.put(NamedAttention.SDPA, heads -> readings > 20); // in the second round
        AttentionTimings found = time(THREE, reading -> 200);
        assertThat(found.timings()).containsExactly(new AttentionTiming("block-64", 200, 200));
        assertThat(found.untimed())
                .containsOnly(
                        Map.entry("fused", "cannot be run here: no kernel"),
                        Map.entry("sdpa", "cannot be run here: no kernel"));
        assertThat(told).hasSize(2).allMatch(text -> text.startsWith("warning: attention "));
    }

    @Test
    void whatSeemedHopelessIsTakenIfNothingElseCanBeRun() {
        refusals.put(NamedAttention.BLOCK_64, heads -> heads == 2);
        AttentionTimings found =
                time(List.of(NamedAttention.BLOCK_64, NamedAttention.FUSED), reading -> reading == 5 ? 1000 : 100);
        assertThat(found.timings()).containsExactly(new AttentionTiming("fused", 100, 100));
        assertThat(found.untimed()).containsOnlyKeys("block-64");
    }

    @Test
    void ifNothingCanBeRunTheEngineHasTheWord() {
        THREE.forEach(form -> refusals.put(form, heads -> true));
        assertThatThrownBy(() -> time(THREE, reading -> 1))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("no kernel");
    }
}
