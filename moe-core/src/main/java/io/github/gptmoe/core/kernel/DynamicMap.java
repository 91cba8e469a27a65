package io.github.gptmoe.core.kernel;

import java.util.Arrays;

/**
 * The 8-bit numbers between 0 and 1 that block-wise quantised moments are made of: seven decades below 1, the highest with the
 * most numbers, evenly spaced inside each (Dettmers et al. 2022, https://arxiv.org/abs/2110.02861, "dynamic tree
 * quantization"). Here a decade has its upper end instead of the middles of its cells, so that the largest of a block is exact.
 *
 * <ul>
 *   <li>First moments have a sign: bit 7; the lower bits are one of 128 magnitudes, the smallest 0, the next 1e-6.
 *   <li>Second moments have none, and no 0: the smallest are 1e-8 and 1e-7. A moment that was rounded to 0 while the first
 *       was not would make a step without bounds.
 * </ul>
 */
final class DynamicMap {
    /** Elements with one scale. */
    static final int BLOCK = 256;

    private static final int DECADES = 7;
    private static final int CODES = 256;
    private static final int MAGNITUDES = 128;

    /** Cells of the look-up table in one octave; the 11 upper bits of a float's fraction number them. */
    private static final int CELLS = 2048;

    private static final int DROPPED_BITS = 12;

    /** Octaves below 1 that are told apart; what is smaller has the smallest code. */
    private static final int OCTAVES = 25;

    private DynamicMap() {}

    /** Code to value for first moments. */
    static float[] signed() {
        float[] values = Arrays.copyOf(magnitudes(), CODES);
        for (int i = 0; i < MAGNITUDES; i++) {
            values[MAGNITUDES + i] = -values[i];
        }
        return values;
    }

    /** The values of first moments without their sign, ascending. */
    static float[] magnitudes() {
        float[] values = new float[MAGNITUDES];
        decades(values, 1, 1);
        return values;
    }

    /** Code to value for second moments, ascending. */
    static float[] unsigned() {
        float[] values = new float[CODES];
        values[0] = 1e-8f;
        values[1] = 1e-7f;
        decades(values, 2, 2);
        return values;
    }

    private static void decades(float[] values, int start, int first) {
        int at = start;
        for (int decade = 0; decade < DECADES; decade++) {
            int steps = first << decade;
            for (int k = 1; k <= steps; k++) {
                values[at++] = (float) (Math.pow(10, decade - DECADES + 1.0) * (0.1 + 0.9 * k / steps));
            }
        }
    }

    /**
     * The nearest code for each cell of floats up to 1: {@code OCTAVES} octaves of {@code CELLS}, and 1 itself.
     *
     * @param ascending values of codes 0, 1, ...
     */
    static byte[] lookup(float[] ascending) {
        byte[] codes = new byte[OCTAVES * CELLS + 1];
        int one = Float.floatToIntBits(1) >> DROPPED_BITS;
        int code = 0;
        for (int i = 0; i < codes.length; i++) {
            int cell = one - codes.length + 1 + i;
            int middle = i == codes.length - 1 ? 0 : 1 << (DROPPED_BITS - 1);
            float value = Float.intBitsToFloat((cell << DROPPED_BITS) + middle);
            while (code + 1 < ascending.length && ascending[code + 1] - value < value - ascending[code]) {
                code++;
            }
            codes[i] = (byte) code;
        }
        return codes;
    }
}
