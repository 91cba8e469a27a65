package io.github.gptmoe.eval.task;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Some rows of many: files are often sorted by label, so the first ones would not do. */
public final class RowSample {
    private RowSample() {}

    /**
     * Draws rows without replacement.
     *
     * @param <T> what a row is
     * @param rows all
     * @param limit how many at most; 0: all
     * @param seed the same seed draws the same rows
     * @return the rows drawn, in their order
     */
    public static <T> List<T> draw(List<T> rows, int limit, long seed) {
        if (limit == 0 || limit >= rows.size()) {
            return rows;
        }
        List<Integer> places =
                new ArrayList<>(IntStream.range(0, rows.size()).boxed().toList());
        Collections.shuffle(places, new Random(seed));
        return places.subList(0, limit).stream().sorted().map(rows::get).toList();
    }
}
