package io.github.gptmoe.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LongTableTest {
    @Test
    void isAMap() {
        SplittableRandom random = new SplittableRandom(1);
        LongTable table = new LongTable(4);
        Map<Long, Integer> map = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            long key = random.nextInt(3000) - 1000;
            if (random.nextBoolean()) {
                table.put(key, i);
                map.put(key, i);
            } else {
                assertThat(table.add(key, 2)).isEqualTo(map.merge(key, 2, Integer::sum));
            }
        }
        assertThat(table.size()).isEqualTo(map.size());
        map.forEach((key, value) -> assertThat(table.get(key)).isEqualTo(value));
        assertThat(table.get(5000)).isZero();
        table.clear();
        assertThat(table.size()).isZero();
        assertThat(table.get(map.keySet().iterator().next())).isZero();
        table.put(0, 7);
        assertThat(table.get(0)).isEqualTo(7);
    }
}
