package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens are real, and means over those alone.
 *
 * <p>A mean over no token is 0, not NaN: the count is never taken below 1. The count stays on the device.
 */
final class TokenMask {
    private final @Nullable NDArray validT;
    private final NDArray count;

    private TokenMask(@Nullable NDArray validT, NDArray count) {
        this.validT = validT;
        this.count = count;
    }

    /** Returns the mask of a context, its arrays attached to the scope. */
    static TokenMask of(RoutingScope scope, RoutingContext context, long tokens) {
        NDArray givenT = context.validT();
        if (givenT == null) {
            return new TokenMask(null, scope.constant((double) Math.max(tokens, 1)));
        }
        if (!givenT.getShape().equals(new Shape(tokens)) || givenT.getDataType() != DataType.FLOAT32) {
            throw new IllegalArgumentException("validT must be FP32 of shape (" + tokens + "), not "
                    + givenT.getDataType() + " of shape " + givenT.getShape());
        }
        NDArray validT = scope.view(givenT);
        return new TokenMask(validT, validT.sum().clip(1f, Float.MAX_VALUE));
    }

    /** Returns the scalar mean of (T) values over the real tokens. */
    NDArray mean(NDArray valuesT) {
        return perToken(zeroPadding(valuesT).sum());
    }

    /** Returns (E), the mean of the rows (T, E) of the real tokens. */
    NDArray meanRow(NDArray rowsTE) {
        if (validT == null) {
            return perToken(rowsTE.sum(new int[] {0}));
        }
        return perToken(validT.expandDims(0).matMul(rowsTE).squeeze(0));
    }

    /** Returns a total divided by the number of real tokens. */
    NDArray perToken(NDArray total) {
        return total.div(count);
    }

    /** Returns (T) values with 0 for padding. */
    NDArray zeroPadding(NDArray valuesT) {
        return validT == null ? valuesT : valuesT.mul(validT);
    }

    /** Returns INT64 (T) ids with {@code noExpert} for padding. */
    NDArray unassignPadding(NDArray chosenT, int noExpert) {
        if (validT == null) {
            return chosenT;
        }
        NDArray noExpertT = chosenT.zerosLike().add((long) noExpert);
        return NDArrays.where(validT.gt(0f), chosenT, noExpertT);
    }
}
