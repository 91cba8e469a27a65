package io.github.gptmoe.train.attention;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.gptmoe.core.model.NamedAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of measuring, with a clock that tells what the test wants; the kernels run, on a shape of no size. */
class AttentionTimerTest {
    private static final long MILLISECOND = 1_000_000;

    private final List<String> told = new ArrayList<>();
    private long now;
    private int readings;

    private List<AttentionTiming> time(String precision, List<NamedAttention> forms, IntToLongFunction step) {
        AttentionTimer timer = new AttentionTimer(
                Device.cpu(),
                () -> {
                    now += step.applyAsLong(readings++);
                    return now;
                },
                told::add);
        return timer.time(new AttentionCase("chip", 1, "2", "a", precision, 2, 20, 4), forms);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void everyFormIsTimedInBothDirections(String precision) {
        List<AttentionTiming> timings = time(precision, List.of(NamedAttention.values()), reading -> 2 * MILLISECOND);
        assertThat(timings.stream().map(AttentionTiming::form)).isEqualTo(NamedAttention.labels());
        assertThat(timings).allSatisfy(timing -> {
            assertThat(timing.forwardMilliseconds()).isEqualTo(2);
            assertThat(timing.backwardMilliseconds()).isEqualTo(2);
        });
        assertThat(told).isEmpty();
        // Start, six forms of three readings in each round, and one reading after each round but the second's
        // beginning:
        // 18 readings a round are 36 ms, so about 27 rounds fill the second.
        assertThat(readings / 19).isBetween(25, 28);
    }

    @Test
    void theBestOfSeveralRoundsCountsWithoutTheFirst() {
        // Readings: start; round 0 = 1..3; end of round 0 = 4; rounds 1 and 2 = 5..7 and 8..10.
        List<AttentionTiming> timings = time("fp32", List.of(NamedAttention.FUSED), reading -> switch (reading) {
            case 2, 3 -> 0; // the first round would be the best, and does not count
            case 6 -> 7 * MILLISECOND;
            case 7 -> 5 * MILLISECOND;
            case 9 -> 4 * MILLISECOND;
            case 10 -> 9 * MILLISECOND;
            default -> 50 * MILLISECOND;
        });
        assertThat(timings).containsExactly(new AttentionTiming("fused", 4, 5));
    }

    @Test
    void formsWithoutHopeLeaveTheirTimeToTheOthers() {
        // Rounds 0 and 1: readings 1-9 and 11-19, three a form; 10 ends the first. Round 2 has two forms: 20-22 and
        // 23-25.
        List<NamedAttention> forms = List.of(NamedAttention.BLOCK_64, NamedAttention.FUSED, NamedAttention.SDPA);
        List<AttentionTiming> timings = time("fp32", forms, reading -> switch (reading) {
            case 2, 3 -> 500 * MILLISECOND;
            case 5, 6 -> 2_000 * MILLISECOND;
            case 8, 9 -> 700 * MILLISECOND;
            case 12, 13 -> 400 * MILLISECOND;
            case 15, 16 -> 610 * MILLISECOND;
            case 18, 19 -> 600 * MILLISECOND;
            case 21, 22 -> 450 * MILLISECOND;
            case 24, 25 -> 390 * MILLISECOND;
            default -> 0;
        });
        assertThat(timings)
                .containsExactly(
                        new AttentionTiming("block-64", 400, 400),
                        new AttentionTiming("fused", 610, 610),
                        new AttentionTiming("sdpa", 390, 390));
        assertThat(readings).isEqualTo(1 + 9 + 1 + 9 + 6 + 1);
    }

    @Test
    void aVeryLongRoundIsTheOnlyOne() {
        List<NamedAttention> forms = List.of(NamedAttention.FUSED, NamedAttention.SDPA);
        List<AttentionTiming> timings = time("fp32", forms, reading -> reading == 2 ? 10_000 * MILLISECOND : 0);
        assertThat(timings).containsExactly(new AttentionTiming("fused", 10_000, 0), new AttentionTiming("sdpa", 0, 0));
        assertThat(readings).isEqualTo(1 + 6 + 1);
    }
}
