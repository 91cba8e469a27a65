package io.github.gptmoe.eval.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Round numbers to write at an axis. */
final class Ticks {
    private static final double[] NICE = {1, 2, 5, 10};
    private static final int ENOUGH = 3;
    /** Numbers a decade, coarse to fine; the first set that gives enough ticks is taken. */
    private static final double[][] IN_A_DECADE = {{1}, {1, 3}, {1, 2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};

    private Ticks() {}

    /** Multiples of 1, 2 or 5 times a power of ten, from low to high, about as many as asked for and never more. */
    static List<Double> linear(double low, double high, int most) {
        double wanted = (high - low) / most;
        double power = Math.pow(10, Math.floor(Math.log10(wanted)));
        double step = 10 * power;
        for (int i = NICE.length - 1; i >= 0; i--) {
            // A hair of tolerance: 0.3 / 3 is a little above 0.1.
            step = NICE[i] * power >= wanted * (1 - 1e-9) ? NICE[i] * power : step;
        }
        double first = Math.ceil(low / step - 1e-9);
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i <= most && (first + i) * step <= high + 1e-9 * step; i++) {
            ticks.add((first + i) * step + 0.0); // + 0.0 turns -0 into 0
        }
        return List.copyOf(ticks);
    }

    /** Powers of ten from low to high, with numbers between them where the range has few; both positive. */
    static List<Double> logarithmic(double low, double high, int most) {
        int from = (int) Math.floor(Math.log10(low));
        int to = (int) Math.ceil(Math.log10(high));
        int stride = Math.max(1, (to - from + most) / most);
        for (double[] numbers : IN_A_DECADE) {
            List<Double> ticks = IntStream.rangeClosed(from, to)
                    .filter(exponent -> exponent % stride == 0)
                    .boxed()
                    .flatMap(exponent -> DoubleStream.of(numbers)
                            .map(number -> number * Math.pow(10, exponent))
                            .boxed())
                    .filter(tick -> tick >= low && tick <= high)
                    .toList();
            if (ticks.size() >= ENOUGH) {
                return ticks;
            }
        }
        return linear(low, high, most);
    }
}
