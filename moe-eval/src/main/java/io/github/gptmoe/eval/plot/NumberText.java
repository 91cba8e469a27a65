package io.github.gptmoe.eval.plot;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as short as they can be said. */
public final class NumberText {
    static final int DIGITS = 4;
    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double LARGEST_PLAIN = 1e4;
    private static final String PREFIXES = "kMGT";

    private NumberText() {}

    /**
     * Four significant digits, with k, M, G or T for large numbers and a power of ten for very small or large ones.
     *
     * @param value any number
     * @return such as {@code 0.0312}, {@code 5.638}, {@code 12.29M}, {@code 1.5e-5}; a dash for what is not finite
     */
    public static String brief(double value) {
        return brief(value, DIGITS);
    }

    static String brief(double value, int digits) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN * 1e11) {
            int exponent = (int) Math.floor(Math.log10(size));
            return plain(value / Math.pow(10, exponent), digits) + "e" + exponent;
        }
        if (size < LARGEST_PLAIN) {
            return plain(value, digits);
        }
        int prefix = Math.min(PREFIXES.length(), (int) (Math.log10(size) / 3));
        return plain(value / Math.pow(1000, prefix), digits) + PREFIXES.charAt(prefix - 1);
    }

    private static String plain(double value, int digits) {
        return new BigDecimal(value)
                .round(new MathContext(digits))
                .stripTrailingZeros()
                .toPlainString();
    }

    /**
     * A whole number with its thousands set apart.
     *
     * @param value any number
     * @return such as {@code 16,353,136,664}
     */
    public static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A count: whole below a million, brief above. */
    static String whole(double value) {
        return value < 1e6 ? grouped(Math.round(value)) : brief(value);
    }

    /** A coordinate: pixels to a hundredth. */
    static String pixels(double value) {
        BigDecimal rounded = BigDecimal.valueOf(Math.round(value * 100), 2).stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }
}
