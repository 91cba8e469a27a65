package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DynamicMapTest {
    @Test
    void magnitudesAscendFromNothingToOne() {
        float[] values = DynamicMap.magnitudes();
        assertThat(values).isSorted().doesNotHaveDuplicates().hasSize(128);
        assertThat(values[0]).isZero();
        assertThat(values[1]).isEqualTo(1e-6f);
        assertThat(values[127]).isEqualTo(1f);
    }

    @Test
    void theUpperHalfOfSignedCodesIsTheLowerOneNegated() {
        float[] values = DynamicMap.signed();
        for (int code = 0; code < 128; code++) {
            assertThat(values[128 + code]).isEqualTo(-values[code]);
        }
    }

    @Test
    void secondMomentsAreNeverRoundedToNothing() {
        float[] values = DynamicMap.unsigned();
        assertThat(values).isSorted().doesNotHaveDuplicates().hasSize(256);
        assertThat(values[0]).isEqualTo(1e-8f);
        assertThat(values[255]).isEqualTo(1f);
    }

    /** Half a cell, 2^-12 of a value, is what the table may be off. */
    @Test
    void theTableLeadsToTheNearestValue() {
        for (float[] values : new float[][] {DynamicMap.magnitudes(), DynamicMap.unsigned()}) {
            byte[] lookup = DynamicMap.lookup(values);
            int one = Float.floatToIntBits(1) >> 12;
            for (int bits = Float.floatToIntBits(0x1p-24f); bits <= Float.floatToIntBits(1); bits += 97) {
                float x = Float.intBitsToFloat(bits);
                int code = lookup[(bits >> 12) - one + lookup.length - 1] & 0xff;
                float nearest = Float.MAX_VALUE;
                for (float value : values) {
                    nearest = Math.min(nearest, Math.abs(value - x));
                }
                assertThat((double) Math.abs(values[code] - x)).isLessThanOrEqualTo(nearest + x * 0x1p-11);
            }
        }
    }
}
