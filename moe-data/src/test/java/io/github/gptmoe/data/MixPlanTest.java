package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The formulas of docs/data.md on numbers that can be done in the head. */
class MixPlanTest {
    private static PackSource weight(double weight) {
        return new PackSource("w", List.of(), weight, null);
    }

    private static PackSource epochs(Double epochs) {
        return new PackSource("e", List.of(), null, epochs);
    }

    @Test
    void withoutALengthTheScarcestSourceIsTakenOnce() {
        assertThat(MixPlan.of(List.of(weight(1), weight(1)), List.of(100L, 1000L), null)
                        .targets())
                .containsExactly(100L, 100L);
        assertThat(MixPlan.of(List.of(weight(1), weight(3)), List.of(1000L, 600L), null)
                        .targets())
                .containsExactly(200L, 600L);
        assertThat(MixPlan.of(List.of(weight(0.25), weight(0.75)), List.of(1000L, 600L), null)
                        .targets())
                .containsExactly(200L, 600L);
    }

    @Test
    void aLengthIsSharedByWhatEpochsLeave() {
        assertThat(MixPlan.of(
                                List.of(epochs(2.0), weight(3), epochs(null), weight(1)),
                                List.of(50L, 10L, 7L, 1000L),
                                507L)
                        .targets())
                .containsExactly(100L, 300L, 7L, 100L);
        assertThat(MixPlan.of(List.of(epochs(0.5), epochs(1.25)), List.of(99L, 8L), null)
                        .targets())
                .containsExactly(50L, 10L);
        assertThatThrownBy(() -> MixPlan.of(List.of(epochs(1.0), weight(1)), List.of(100L, 5L), 100L))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokens 100 leave nothing for the sources of a weight: those of epochs have 100");
    }

    /** The documented formulas once more, in decimal arithmetic of fifty digits. */
    @Test
    void anyMixtureGivesWhatTheFormulasSay() {
        Random random = new Random(11);
        for (int round = 0; round < 3000; round++) {
            int count = 1 + random.nextInt(6);
            List<PackSource> sources = new ArrayList<>();
            List<Long> available = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                double factor = Math.pow(10, random.nextInt(11) - 6) * (1 + random.nextInt(9));
                sources.add(
                        random.nextInt(3) > 0 ? weight(factor) : epochs(random.nextBoolean() ? null : factor / 100));
                available.add(1 + (long) Math.pow(10, 11 * random.nextDouble()));
            }
            boolean weighted = sources.stream().anyMatch(source -> source.weight() != null);
            Long tokens = weighted && random.nextBoolean() ? 1 + (long) Math.pow(10, 13 * random.nextDouble()) : null;
            List<Long> expected = naive(sources, available, tokens);
            if (expected.isEmpty()) {
                assertThatThrownBy(() -> MixPlan.of(sources, available, tokens)).isInstanceOf(InputException.class);
                continue;
            }
            List<Long> targets = MixPlan.of(sources, available, tokens).targets();
            for (int i = 0; i < count; i++) {
                // Doubles may round a half to the other side, and know 2^53 numbers.
                assertThat(targets.get(i))
                        .as("%s of %s, %s", sources, available, tokens)
                        .isCloseTo(expected.get(i), within(1 + expected.get(i) / 1_000_000_000_000L));
                if (tokens == null && sources.get(i).weight() != null) {
                    assertThat(targets.get(i)).isLessThanOrEqualTo(available.get(i));
                }
            }
        }
    }

    /** Empty where the sources of epochs leave nothing. */
    private static List<Long> naive(List<PackSource> sources, List<Long> available, Long tokens) {
        MathContext digits = new MathContext(50);
        BigDecimal weights = BigDecimal.ZERO;
        for (PackSource source : sources) {
            weights = source.weight() == null ? weights : weights.add(new BigDecimal(source.weight()));
        }
        BigDecimal rest = tokens == null ? null : BigDecimal.valueOf(tokens);
        List<Long> targets = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            PackSource source = sources.get(i);
            BigDecimal n = BigDecimal.valueOf(available.get(i));
            if (source.weight() == null) {
                BigDecimal times = source.epochs() == null ? BigDecimal.ONE : new BigDecimal(source.epochs());
                targets.add(atLeastOne(n.multiply(times)));
                rest = tokens == null ? rest : rest.subtract(BigDecimal.valueOf(targets.get(i)));
            } else {
                targets.add(0L);
                BigDecimal most = n.multiply(weights).divide(new BigDecimal(source.weight()), digits);
                rest = tokens != null || rest != null && rest.compareTo(most) < 0 ? rest : most;
            }
        }
        if (tokens != null && rest.signum() <= 0) {
            return List.of();
        }
        for (int i = 0; i < sources.size(); i++) {
            Double weight = sources.get(i).weight();
            if (weight != null) {
                targets.set(i, atLeastOne(rest.multiply(new BigDecimal(weight)).divide(weights, digits)));
            }
        }
        return targets;
    }

    private static long atLeastOne(BigDecimal tokens) {
        return Math.max(1, tokens.setScale(0, RoundingMode.HALF_UP).longValueExact());
    }

    @Test
    void everySourceGivesSomething() {
        assertThat(MixPlan.of(List.of(weight(1e6), weight(1e-6)), List.of(1000L, 1000L), null)
                        .targets())
                .containsExactly(1000L, 1L);
    }
}
