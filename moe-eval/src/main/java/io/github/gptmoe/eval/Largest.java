package io.github.gptmoe.eval;

/** Where the largest of several numbers is. */
public final class Largest {
    private Largest() {}

    /**
     * Finds it.
     *
     * @param values at least one, none of them NaN
     * @return the place of the largest, the first of equals
     */
    public static int of(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }
}
