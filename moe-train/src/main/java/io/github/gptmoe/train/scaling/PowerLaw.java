package io.github.gptmoe.train.scaling;

import java.util.stream.IntStream;

/** The b of {@code y = a x^b} that fits best: the slope of the least-squares line through (ln x, ln y). */
final class PowerLaw {
    private PowerLaw() {}

    /**
     * Fits.
     *
     * @param x places; pairs without a positive x and y are left out
     * @param y as many values
     * @return the exponent; not a number with fewer than two different places
     */
    static double exponent(double[] x, double[] y) {
        int[] usable = IntStream.range(0, x.length)
                .filter(i -> x[i] > 0 && y[i] > 0 && Double.isFinite(x[i]) && Double.isFinite(y[i]))
                .toArray();
        double meanX =
                IntStream.of(usable).mapToDouble(i -> Math.log(x[i])).average().orElse(Double.NaN);
        double meanY =
                IntStream.of(usable).mapToDouble(i -> Math.log(y[i])).average().orElse(Double.NaN);
        double together = 0;
        double alone = 0;
        for (int i : usable) {
            double distance = Math.log(x[i]) - meanX;
            together += distance * (Math.log(y[i]) - meanY);
            alone += distance * distance;
        }
        return together / alone; // 0 / 0 is not a number, as promised
    }
}
