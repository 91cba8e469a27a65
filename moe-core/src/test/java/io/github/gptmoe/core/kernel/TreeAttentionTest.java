package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.Samples;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trees given by the parent of each token, against a float64 loop that climbs to the root. */
class TreeAttentionTest {
    private static final int HEADS = 2;
    private static final int SIZE = 4;
    private static final int LENGTH = 12;

    /** Preorder; -1 is the root's parent. The last row has two tokens of padding, which follow nothing. */
    private static final int[][] PARENTS = {
        {-1, 0, 1, 2, 3, 3, 5, 2, 7, 8, 7, 2},
        {-1, 0, 0, 2, 2, 0, 5, 6, 7, 8, 9, 10},
        {-1, 0, 1, 2, 3, 4, 4, 4, 7, 7, -2, -2},
    };

    /** Tokens before the first branch of any row. */
    private static final int SHARED = 1;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    private static int[] ancestors(int row, int token) {
        return IntStream.iterate(token, at -> at >= 0, at -> PARENTS[row][at]).toArray();
    }

    private static boolean isPadding(int row, int token) {
        return PARENTS[row][token] == -2;
    }

    private static NDArray ends(NDManager scope) {
        long[] ends = new long[PARENTS.length * LENGTH];
        for (int row = 0; row < PARENTS.length; row++) {
            for (int token = 0; token < LENGTH; token++) {
                for (int ancestor : ancestors(row, token)) {
                    ends[row * LENGTH + ancestor] = token + 1;
                }
            }
        }
        return scope.create(ends, new Shape(PARENTS.length, LENGTH));
    }

    private static double[] climb(List<double[]> qkv, int row, int head, int token) {
        int first = (row * HEADS + head) * LENGTH * SIZE;
        int[] seen = ancestors(row, token);
        double[] scores = new double[seen.length];
        for (int i = 0; i < seen.length; i++) {
            for (int c = 0; c < SIZE; c++) {
                scores[i] += qkv.get(0)[first + token * SIZE + c] * qkv.get(1)[first + seen[i] * SIZE + c];
            }
            scores[i] = Math.exp(scores[i] / Math.sqrt(SIZE));
        }
        double sum = Arrays.stream(scores).sum();
        double[] output = new double[SIZE];
        for (int i = 0; i < seen.length; i++) {
            for (int c = 0; c < SIZE; c++) {
                output[c] += scores[i] / sum * qkv.get(2)[first + seen[i] * SIZE + c];
            }
        }
        return output;
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, 1, 0", "FP32, 5, 1", "FP32, 12, 1", "FP32, 128, 0",
        "BF16, 5, 1", "BF16, 128, 1", "FP16, 5, 1", "FP16, 128, 1",
    })
    void aTokenSeesItselfAndItsAncestors(Precision precision, int block, int shared) {
        List<double[]> qkv = Stream.of(1, 2, 3)
                .map(seed -> Samples.normal(seed, PARENTS.length * HEADS * LENGTH * SIZE, 1))
                .map(values -> KernelCheck.rounded(precision, values))
                .toList();
        // Products, shares and the sum are rounded; scores of size 2 turn their rounding into a relative error.
        double tolerance = precision == Precision.FP32 ? 1e-5 : 8 * KernelCheck.rounding(precision);
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList arrays = new NDList(qkv.stream()
                    .map(x -> KernelCheck.array(scope, precision, x, PARENTS.length, HEADS, LENGTH, SIZE))
                    .toArray(NDArray[]::new));
            NDArray output = new TreeAttention(ends(scope), shared, block).run(scope, arrays);
            assertThat(output.getShape()).isEqualTo(arrays.get(0).getShape());
            double[] actual = KernelCheck.doubles(scope, output);
            for (int row = 0; row < PARENTS.length; row++) {
                for (int head = 0; head < HEADS; head++) {
                    for (int token = 0; token < LENGTH; token++) {
                        int at = ((row * HEADS + head) * LENGTH + token) * SIZE;
                        double[] got = Arrays.copyOfRange(actual, at, at + SIZE);
                        if (isPadding(row, token)) {
                            assertThat(Arrays.stream(got).allMatch(Double::isFinite))
                                    .isTrue();
                        } else {
                            KernelCheck.assertClose(
                                    "row " + row + ", head " + head + ", token " + token,
                                    got,
                                    climb(qkv, row, head, token),
                                    tolerance);
                        }
                    }
                }
            }
        }
    }

    @Test
    void aTreeWithoutBranchesIsCausal() {
        int length = 70;
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList qkv = new NDList(Stream.of(1, 2, 3)
                    .map(seed -> KernelCheck.array(
                            scope,
                            Precision.FP32,
                            Samples.normal(seed, HEADS * length * SIZE, 1),
                            1,
                            HEADS,
                            length,
                            SIZE))
                    .toArray(NDArray[]::new));
            long[] ends = new long[length];
            Arrays.fill(ends, length);
            NDArray endsBL = scope.create(ends, new Shape(1, length));
            double[] causal = KernelCheck.doubles(scope, new BlockCausalAttention(32).run(scope, qkv));
            for (int shared : new int[] {0, 40, length}) {
                NDArray output = new TreeAttention(endsBL, shared, 32).run(scope, qkv);
                assertThat(KernelCheck.doubles(scope, output)).isEqualTo(causal);
            }
        }
    }

    @Test
    void thereIsNoWayBackAndNoEmptyBlock() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray ends = ends(scope);
            assertThatThrownBy(() -> new TreeAttention(ends, SHARED, 1).record(scope, new NDList()))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatIllegalArgumentException().isThrownBy(() -> new TreeAttention(ends, SHARED, 0));
            assertThatIllegalArgumentException().isThrownBy(() -> new TreeAttention(ends, -1, 1));
        }
    }
}
