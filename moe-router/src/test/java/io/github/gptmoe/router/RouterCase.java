package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random tokens and weights of one size, as float32 for the router and the same values as float64 for the loops. */
final class RouterCase {
    static final double WEIGHT_STD = 0.3;

    final float[][] x;
    final float[][] w;
    final boolean[] valid;

    RouterCase(int tokens, int width, int experts, boolean padded, long seed) {
        Random random = new Random(seed);
        x = gaussian(random, tokens, width, 1);
        w = gaussian(random, experts, width, WEIGHT_STD);
        valid = new boolean[tokens];
        for (int t = 0; t < tokens; t++) {
            valid[t] = !padded || random.nextInt(3) > 0;
        }
    }

    private static float[][] gaussian(Random random, int rows, int columns, double std) {
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) (std * random.nextGaussian());
            }
        }
        return values;
    }

    static double[][] widen(float[][] values) {
        double[][] wide = new double[values.length][];
        for (int i = 0; i < values.length; i++) {
            wide[i] = new double[values[i].length];
            for (int j = 0; j < values[i].length; j++) {
                wide[i][j] = values[i][j];
            }
        }
        return wide;
    }

    NDArray hidden(NDManager manager) {
        return manager.create(x);
    }

    NDArray weight(NDManager manager) {
        return manager.create(w);
    }

    /** The mask, or null when every token is real. */
    @Nullable
    NDArray mask(NDManager manager) {
        float[] mask = new float[valid.length];
        boolean all = true;
        for (int t = 0; t < mask.length; t++) {
            mask[t] = valid[t] ? 1 : 0;
            all &= valid[t];
        }
        return all ? null : manager.create(mask);
    }

    Router build(RouterConfig config) {
        return config.build(w[0].length, w.length);
    }

    Routing route(NDManager manager, RouterConfig config, boolean training, long step, long seed) {
        RoutingContext context = new RoutingContext(training, step, seed, mask(manager));
        return build(config).route(hidden(manager), new NDList(weight(manager)), context);
    }

    NaiveRouter naive(String norm, double gamma, int rivals) {
        double[][] wide = widen(w);
        return new NaiveRouter(widen(x), wide, valid, wide, norm, gamma, rivals);
    }
}
