package io.github.gptmoe.data.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReservoirTest {
    private static final int STREAM = 40;

    private static List<String> draw(int size, long seed) {
        Reservoir reservoir = new Reservoir(size, seed);
        for (int i = 0; i < STREAM; i++) {
            reservoir.offer(Integer.toString(i));
        }
        return reservoir.kept();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 39})
    void everySentenceIsAsLikelyAsEveryOther(int size) {
        int rounds = 5000;
        int[] drawn = new int[STREAM];
        for (int seed = 0; seed < rounds; seed++) {
            List<String> kept = draw(size, seed);
            assertThat(kept).hasSize(size);
            kept.forEach(sentence -> drawn[Integer.parseInt(sentence)]++);
        }
        double share = (double) size / STREAM;
        double deviation = Math.sqrt(rounds * share * (1 - share));
        for (int count : drawn) {
            assertThat((count - rounds * share) / deviation).isBetween(-5.0, 5.0);
        }
    }

    @Test
    void aShortStreamIsKeptWhole() {
        assertThat(draw(STREAM, 3)).hasSize(STREAM).doesNotHaveDuplicates();
        assertThat(draw(STREAM + 5, 3)).hasSize(STREAM).doesNotHaveDuplicates();
    }
}
