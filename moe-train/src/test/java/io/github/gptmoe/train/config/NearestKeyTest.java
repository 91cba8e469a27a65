package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestKeyTest {

    @ParameterizedTest
    @CsvSource({"'', '', 0", "abc, '', 3", "abc, abd, 1", "abc, acb, 1", "steps, step, 1", "kitten, sitting, 3"})
    void distances(String from, String to, int edits) {
        assertThat(NearestKey.distance(from, to)).isEqualTo(edits);
    }

    @Test
    void distanceIsSymmetricAndBounded() {
        for (String from : RandomText.EDGES) {
            for (String to : RandomText.EDGES) {
                assertSymmetricAndBounded(from, to);
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 200; i++) {
            String text = RandomText.next(random);
            assertSymmetricAndBounded(text, RandomText.next(random));
            // Words with few letters share many of them, and a part of a word is near to it.
            assertSymmetricAndBounded(RandomText.next(random, "abc"), RandomText.next(random, "abc"));
            assertSymmetricAndBounded(text, text.substring(random.nextInt(text.length() + 1)));
        }
    }

    private static void assertSymmetricAndBounded(String from, String to) {
        String tried = RandomText.escaped(from) + " to " + RandomText.escaped(to);
        int distance = NearestKey.distance(from, to);
        assertThat(distance)
                .as(tried)
                .isEqualTo(NearestKey.distance(to, from))
                .isBetween(Math.abs(from.length() - to.length()), Math.max(from.length(), to.length()));
        assertThat(distance == 0).as(tried).isEqualTo(from.equals(to));
    }

    @Test
    void caseAndSeparatorsDoNotCount() {
        assertThat(NearestKey.to("LEARNING_RATE", List.of("learning", "learningRate", "rate")))
                .contains("learningRate");
        assertThat(NearestKey.to("x", List.of())).isEmpty();
    }
}
