package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestKeyTest {

    @ParameterizedTest
    @CsvSource({"'', '', 0", "abc, '', 3", "abc, abd, 1", "abc, acb, 1", "steps, step, 1", "kitten, sitting, 3"})
    void distances(String from, String to, int edits) {
        assertThat(NearestKey.distance(from, to)).isEqualTo(edits);
    }

    @Property(tries = 200)
    void distanceIsSymmetricAndBounded(@ForAll String from, @ForAll String to) {
        int distance = NearestKey.distance(from, to);
        assertThat(distance)
                .isEqualTo(NearestKey.distance(to, from))
                .isBetween(Math.abs(from.length() - to.length()), Math.max(from.length(), to.length()));
        assertThat(distance == 0).isEqualTo(from.equals(to));
    }

    @Test
    void caseAndSeparatorsDoNotCount() {
        assertThat(NearestKey.to("LEARNING_RATE", List.of("learning", "learningRate", "rate")))
                .contains("learningRate");
        assertThat(NearestKey.to("x", List.of())).isEmpty();
    }
}
