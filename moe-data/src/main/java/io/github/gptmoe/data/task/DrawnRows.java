package io.github.gptmoe.data.task;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Draws some of many rows. Files are sorted by label, so the first ones would not do. */
public final class DrawnRows {
    private DrawnRows() {}

    /**
     * Draws rows.
     *
     * @param <T> what a row is
     * @param rows of a split
     * @param most how many at most; 0: all
     * @param seed the same seed draws the same rows
     * @return the rows drawn, in the order that they had
     */
    public static <T> List<T> of(List<T> rows, int most, long seed) {
        if (most == 0 || rows.size() <= most) {
            return rows;
        }
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            places.add(i);
        }
        Collections.shuffle(places, new Random(seed));
        return places.subList(0, most).stream().sorted().map(rows::get).toList();
    }
}
