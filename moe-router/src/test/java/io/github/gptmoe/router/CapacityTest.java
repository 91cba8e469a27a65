package io.github.gptmoe.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CapacityTest {
    @Test
    void roundsUpAndKeepsTheMinimum() {
        assertThat(Capacity.perExpert(100, 8, 1.0, 0)).isEqualTo(13);
        assertThat(Capacity.perExpert(100, 8, 1.25, 0)).isEqualTo(16);
        assertThat(Capacity.perExpert(3, 8, 1.0, 4)).isEqualTo(4);
        assertThat(Capacity.perExpert(0, 8, 1.0, 0)).isZero();
        assertThat(Capacity.perExpert(100, 10, 1.1, 0))
                .as("110 / 10, without the error of 1.1 in binary")
                .isEqualTo(11);
    }

    @Test
    void earlierTokensKeepTheirPlaces() {
        long[] ids = {0, 0, 2, 0, 1, 0, 2};
        assertThat(Capacity.limit(ids, 2, 1.0, 0)).containsExactly(0, 0, 2, 0, 1, 2, 2);
        assertThat(Capacity.limit(ids, 2, 0.5, 0)).containsExactly(0, 0, 2, 2, 1, 2, 2);
        assertThat(Capacity.limit(ids, 2, 0.5, 4)).containsExactly(ids);
        assertThat(ids).as("not changed").containsExactly(0, 0, 2, 0, 1, 0, 2);
    }

    @Test
    void wrongValuesAreRefused() {
        assertThatThrownBy(() -> Capacity.limit(new long[] {3}, 2, 1, 0)).hasMessageContaining("expert id 3");
        assertThatThrownBy(() -> Capacity.limit(new long[] {-1}, 2, 1, 0)).hasMessageContaining("expert id -1");
        assertThatThrownBy(() -> Capacity.limit(new long[] {1}, 2, 0, 0)).hasMessageContaining("factor above 0");
        assertThatThrownBy(() -> Capacity.limit(new long[] {1}, 2, 1, -1)).hasMessageContaining("minimum");
    }

    @Property
    void keepsTheFirstPlacesOfEveryExpert(
            @ForAll @Size(max = 60) long[] seeds,
            @ForAll @IntRange(min = 1, max = 9) int numExperts,
            @ForAll @DoubleRange(min = 0.1, max = 3) double factor,
            @ForAll @IntRange(max = 5) int minimum) {
        long[] ids = Arrays.stream(seeds)
                .map(seed -> Math.floorMod(seed, numExperts + 1L))
                .toArray();
        long[] kept = Capacity.limit(ids, numExperts, factor, minimum);
        long valid = Arrays.stream(ids).filter(id -> id < numExperts).count();
        long capacity = Capacity.perExpert(valid, numExperts, factor, minimum);
        for (int expert = 0; expert < numExperts; expert++) {
            int taken = 0;
            for (int token = 0; token < ids.length; token++) {
                if (ids[token] == expert) {
                    assertThat(kept[token]).isEqualTo(taken < capacity ? expert : numExperts);
                    taken++;
                }
            }
        }
        for (int token = 0; token < ids.length; token++) {
            if (ids[token] == numExperts) {
                assertThat(kept[token]).isEqualTo(numExperts);
            }
        }
    }

    @Property
    void moreRoomNeverShrinks(
            @ForAll @LongRange(min = 0, max = 1_000_000) long tokens,
            @ForAll @IntRange(min = 1, max = 128) int numExperts,
            @ForAll @DoubleRange(min = 0.1, max = 3) double factor) {
        long capacity = Capacity.perExpert(tokens, numExperts, factor, 0);
        assertThat(Capacity.perExpert(tokens, numExperts, factor + 0.5, 0)).isGreaterThanOrEqualTo(capacity);
        assertThat(capacity * (double) numExperts).isGreaterThanOrEqualTo(tokens * factor * (1 - 1e-12));
        assertThat((capacity - 1) * (double) numExperts).isLessThan(tokens * factor * (1 + 1e-12) + 1e-9);
    }
}
