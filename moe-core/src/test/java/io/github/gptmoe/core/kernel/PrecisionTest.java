package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.Samples;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrecisionTest {
    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    /** Every kind of FP32 number: random bits, halves between two BF16 numbers, subnormals, infinities, NaN. */
    private static float[] floats() {
        Random random = new Random(3);
        float[] values = new float[4096];
        for (int i = 0; i < values.length; i++) {
            int bits = random.nextInt();
            values[i] = Float.intBitsToFloat(i % 3 == 0 ? (bits & 0xffff0000) | 0x8000 : bits);
        }
        float[] special = {
            0f,
            -0f,
            Float.MIN_VALUE,
            -Float.MIN_VALUE,
            Float.MIN_NORMAL,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN
        };
        System.arraycopy(special, 0, values, 0, special.length);
        return values;
    }

    @Test
    void castRoundsEveryNumberToTheNearestEven() {
        float[] values = floats();
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray low = Precision.BF16.cast(scope, scope.create(values));
            ByteBuffer bits = TensorStorage.of(low, 2L * values.length).get(0);
            float[] back = Precision.FP32.cast(scope, low).toFloatArray();
            for (int i = 0; i < values.length; i++) {
                float expected = Samples.roundToBf16(values[i]);
                if (Float.isNaN(expected)) {
                    assertThat(back[i]).isNaN();
                } else {
                    assertThat(back[i]).as("%s", values[i]).isEqualTo(expected);
                    assertThat(bits.getShort(2 * i)).isEqualTo((short) (Float.floatToRawIntBits(expected) >>> 16));
                }
            }
        }
    }

    /** Halves between two numbers, subnormals, the border to infinity. */
    @Test
    void castToFp16RoundsToTheNearestEvenAndOverflowsToInfinity() {
        float[] values = floats();
        for (int i = 0; i < values.length; i += 2) {
            // Random bits lie beyond FP16 as a rule: half of them get an exponent of FP16, from its smallest subnormal
            // on.
            int mantissa = Float.floatToRawIntBits(values[i]) & 0x807f_e000;
            int half = i % 4 == 0 ? 0x1000 : 0;
            values[i] = Float.intBitsToFloat(mantissa | half | (127 - 26 + i % 43) << 23);
        }
        values[0] = 65504f;
        values[2] = 65519.996f;
        values[4] = 65520f;
        values[6] = -65520f;
        values[8] = 0x1p-24f;
        values[10] = 0x1p-25f;
        values[12] = 0x1.8p-25f;
        try (NDManager scope = NDManager.newBaseManager()) {
            float[] back = Precision.FP32
                    .cast(scope, Precision.FP16.cast(scope, scope.create(values)))
                    .toFloatArray();
            for (int i = 0; i < values.length; i++) {
                assertThat(back[i]).as("%s", values[i]).isEqualTo(Float.valueOf((float)
                        Samples.roundToFp16(values[i])));
            }
            assertThat(back[2]).isEqualTo(65504f);
            assertThat(back[4]).isEqualTo(Float.POSITIVE_INFINITY);
            assertThat(back[6]).isEqualTo(Float.NEGATIVE_INFINITY);
            assertThat(back[8]).isEqualTo(0x1p-24f);
            assertThat(back[10]).isZero();
            assertThat(back[12]).isEqualTo(0x1p-24f);
        }
    }

    @Test
    void castToTheSamePrecisionSharesStorage() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = scope.create(new float[] {1, 2});
            NDArray same = Precision.FP32.cast(scope, x);
            Precision.copy(x, scope.create(new float[] {3, 4}));
            assertThat(same.toFloatArray()).containsExactly(3, 4);
        }
    }

    @Test
    void castLetsGradientsThrough() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = Autograd.leaf(scope, scope.create(new float[] {1, 2}));
            NDArray y = Autograd.recording(() -> Precision.FP32.cast(scope, Precision.BF16.cast(scope, x)));
            NDArray into = scope.zeros(new Shape(2));
            Autograd.vjp(
                    scope,
                    new NDList(y),
                    new NDList(scope.create(new float[] {5, 7})),
                    new NDList(),
                    new NDList(x),
                    new NDList(into));
            assertThat(into.toFloatArray()).containsExactly(5, 7);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void zerosHaveTheShapeAndPrecision(Precision precision) {
        try (NDManager scope = NDManager.newBaseManager()) {
            for (Shape shape : new Shape[] {new Shape(1), new Shape(2, 3, 4), new Shape(3, 0)}) {
                NDArray zeros = precision.zeros(scope, shape);
                assertThat(zeros.getShape()).isEqualTo(shape);
                assertThat(Precision.of(zeros)).isEqualTo(precision);
                assertThat(KernelCheck.doubles(scope, zeros)).isEqualTo(new double[(int) shape.size()]);
                assertThat(zeros.getManager()).isSameAs(scope);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void copyConvertsInPlace(Precision precision) {
        double[] values = Samples.normal(4, 12, 1);
        double[] rounded = KernelCheck.rounded(precision, values);
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray source = KernelCheck.array(scope, Precision.FP32, values, 3, 4);
            NDArray into = precision.zeros(scope, new Shape(3, 4));
            Precision.copy(into, source);
            assertThat(KernelCheck.doubles(scope, into)).isEqualTo(rounded);
            assertThat(Precision.of(into)).isEqualTo(precision);
            assertThat(KernelCheck.doubles(scope, source)).isEqualTo(values);
            NDArray back = scope.zeros(new Shape(3, 4));
            Precision.copy(back, into);
            assertThat(KernelCheck.doubles(scope, back)).isEqualTo(rounded);
        }
    }

    @Test
    void ofRefusesOtherTypes() {
        try (NDManager scope = NDManager.newBaseManager()) {
            for (NDArray array : new NDArray[] {scope.create(1L), scope.create(1d), scope.create(true)}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Precision.of(array))
                        .withMessageContaining(array.getDataType().toString());
            }
        }
    }

    @Test
    void sizesInBytes() {
        assertThat(Precision.FP32.bytes()).isEqualTo(4);
        assertThat(Precision.BF16.bytes()).isEqualTo(2);
        assertThat(Precision.FP16.bytes()).isEqualTo(2);
    }
}
