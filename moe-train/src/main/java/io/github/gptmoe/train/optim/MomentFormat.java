package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.train.collective.ShardPlan;
import java.util.Locale;

/** How a moment is stored. */
enum MomentFormat {
    /** Four bytes an element. */
    FP32,
    /** Two bytes an element. */
    BF16,
    /** One byte an element and an FP32 scale for every block of {@link ShardPlan#ALIGNMENT}. */
    INT8;

    static MomentFormat named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** Zeroed elements; of {@link #INT8} the codes, which are zero with a scale of zero. */
    NDArray zeros(NDManager owner, Shape shape) {
        return switch (this) {
            case FP32 -> Precision.FP32.zeros(owner, shape);
            case BF16 -> Precision.BF16.zeros(owner, shape);
            case INT8 -> owner.zeros(shape, DataType.UINT8);
        };
    }

    boolean hasScales() {
        return this == INT8;
    }

    /** The shape of the scales of a tensor, or of a part that begins with a block. */
    static Shape scales(Shape shape) {
        return new Shape((shape.size() + ShardPlan.ALIGNMENT - 1) / ShardPlan.ALIGNMENT);
    }

    /** Bytes of one moment of a parameter. */
    long bytes(Shape shape) {
        return switch (this) {
            case FP32 -> shape.size() * Precision.FP32.bytes();
            case BF16 -> shape.size() * Precision.BF16.bytes();
            case INT8 -> shape.size() + scales(shape).size() * Precision.FP32.bytes();
        };
    }
}
