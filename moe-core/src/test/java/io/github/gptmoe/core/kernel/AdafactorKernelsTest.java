package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.AdafactorKernels.Adafactor;
import io.github.gptmoe.core.naive.Samples;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdafactorKernelsTest {
    /** Matrices of one row, of one column, with odd sizes, longer than one piece; a vector (no columns). */
    private static final int[][] SHAPES = {{1, 5}, {6, 1}, {37, 53}, {1401, 401}, {129, 0}};

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @CsvSource({"0, false, 0, FP32", "0.9, false, 0.1, BF16", "0, true, 0.1, BF16", "0.8, true, 0, FP32"})
    void adafactorFollowsTheLoopOverSeveralSteps(double beta1, boolean relative, double decay, Precision gradients) {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList weights = new NDList();
            NDList copies = new NDList();
            NDList rows = new NDList();
            NDList columns = new NDList();
            NDList first = new NDList();
            Naive[] naive = new Naive[SHAPES.length];
            for (int i = 0; i < SHAPES.length; i++) {
                long[] shape = shape(i);
                naive[i] = new Naive(SHAPES[i][0], SHAPES[i][1]);
                naive[i].w = Samples.normal(i + 1, naive[i].size(), i == 0 ? 1e-5 : 0.7);
                weights.add(KernelCheck.array(scope, Precision.FP32, naive[i].w, shape));
                copies.add(KernelCheck.array(scope, Precision.BF16, new double[naive[i].size()], shape));
                rows.add(KernelCheck.array(scope, Precision.FP32, new double[SHAPES[i][0]], SHAPES[i][0]));
                int width = Math.max(1, SHAPES[i][1]);
                columns.add(KernelCheck.array(scope, Precision.FP32, new double[width], width));
                if (beta1 != 0) {
                    first.add(KernelCheck.array(scope, Precision.FP32, new double[naive[i].size()], shape));
                }
            }
            for (int update = 1; update <= 4; update++) {
                double beta2 = 1 - Math.pow((double) update, -0.8);
                // Large and small gradients: with and without clipping of the step.
                double size = update == 3 ? 2 : 0.1;
                Adafactor settings =
                        new Adafactor(update, 0.01, beta1, beta2, 1e-30, 1, relative, 1e-3, decay, 1.0 / update);
                NDList grads = new NDList();
                for (int i = 0; i < SHAPES.length; i++) {
                    double[] gradient = Samples.roundToBf16(Samples.normal(100L * update + i, naive[i].size(), size));
                    grads.add(KernelCheck.array(scope, gradients, gradient, shape(i)));
                    naive[i].update(gradient, settings);
                }
                AdafactorKernels.adafactor(
                        new WeightArrays(weights, copies, grads, OptimizerCheck.rounding(1, SHAPES.length)),
                        rows,
                        columns,
                        first,
                        settings);
                for (int i = 0; i < SHAPES.length; i++) {
                    double[] actual = KernelCheck.doubles(scope, weights.get(i));
                    KernelCheck.assertClose("weights " + i, actual, naive[i].w, 5e-6);
                    KernelCheck.assertClose(
                            "copy", KernelCheck.doubles(scope, copies.get(i)), Samples.roundToBf16(actual), 0);
                    KernelCheck.assertClose("rows", KernelCheck.doubles(scope, rows.get(i)), naive[i].row, 1e-5);
                }
            }
        }
    }

    private static long[] shape(int i) {
        return Arrays.stream(SHAPES[i]).filter(side -> side > 0).asLongStream().toArray();
    }

    private static final class Naive {
        private final int rows;
        private final int columns;
        final double[] row;
        private final double[] column;
        private final double[] m;
        double[] w = {};

        Naive(int rows, int columns) {
            this.rows = rows;
            this.columns = Math.max(1, columns);
            row = new double[rows];
            column = new double[this.columns];
            // A vector keeps its whole second moment; with one column the mean over columns is just that.
            Arrays.fill(column, columns == 0 ? Double.NaN : 0);
            m = new double[rows * this.columns];
        }

        int size() {
            return m.length;
        }

        void update(double[] gradient, Adafactor s) {
            boolean matrix = !Double.isNaN(column[0]);
            double[] rowMean = new double[rows];
            double[] columnMean = new double[columns];
            for (int i = 0; i < m.length; i++) {
                double square = Math.pow(gradient[i] * s.clip(), 2) + s.epsilon();
                rowMean[i / columns] += square / columns;
                columnMean[i % columns] += square / rows;
            }
            double mean = 0;
            for (int i = 0; i < rows; i++) {
                row[i] = s.beta2() * row[i] + (1 - s.beta2()) * rowMean[i];
                mean += row[i] / rows;
            }
            for (int i = 0; matrix && i < columns; i++) {
                column[i] = s.beta2() * column[i] + (1 - s.beta2()) * columnMean[i];
            }
            double[] u = new double[m.length];
            double squares = 0;
            double weights = 0;
            for (int i = 0; i < m.length; i++) {
                double v = matrix ? row[i / columns] * column[i % columns] / mean : row[i];
                u[i] = gradient[i] * s.clip() / Math.sqrt(v);
                squares += u[i] * u[i] / m.length;
                weights += w[i] * w[i] / m.length;
            }
            double shrink = Math.max(1, Math.sqrt(squares) / s.clipThreshold());
            double rate = s.learningRate() * (s.relative() ? Math.max(s.minimumScale(), Math.sqrt(weights)) : 1);
            for (int i = 0; i < m.length; i++) {
                m[i] = s.beta1() * m[i] + (1 - s.beta1()) * u[i] / shrink;
                w[i] -= rate * (s.weightDecay() * w[i] + m[i]);
            }
        }
    }
}
