package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Optional;

/** The norm q that turns a difference of logits into a distance; q is dual to the norm p in which a token moves. */
enum DistanceNorm {
    /** Sum of absolute values: distances in the maximum norm. */
    ONE("1"),
    /** Euclidean norm: Euclidean distances. */
    TWO("2"),
    /** Largest absolute value: distances in the sum norm. */
    INFINITY("inf");

    /** Differences held at once, 4 MiB: they stay in the cache, and a launch on a device is still worth its while. */
    private static final long MAX_DIFFERENCES = 1L << 20;

    private final String text;

    DistanceNorm(String text) {
        this.text = text;
    }

    /** Returns the norm written as {@code 1}, {@code 2} or {@code inf}. */
    static Optional<DistanceNorm> of(String text) {
        return Arrays.stream(values()).filter(norm -> norm.text.equals(text)).findFirst();
    }

    /**
     * Returns (E, E), the norm of the difference of every two rows, without gradient, attached to the manager of
     * {@code weightED}.
     */
    NDArray pairwise(NDArray weightED) {
        NDArray fixedED = weightED.stopGradient();
        return this == TWO ? fromGramMatrix(fixedED) : fromDifferences(fixedED);
    }

    /**
     * |a - b|^2 = |a|^2 + |b|^2 - 2ab: one small matrix product instead of E*E*D differences. In FP64, because the
     * subtraction cancels digits where two rows are close.
     */
    private static NDArray fromGramMatrix(NDArray weightED) {
        NDArray wideED = weightED.toType(DataType.FLOAT64, false);
        NDArray squareE = wideED.square().sum(new int[] {1});
        NDArray productEE = wideED.matMul(wideED.transpose());
        NDArray squaredEE =
                squareE.expandDims(1).add(squareE.expandDims(0)).sub(productEE).sub(productEE);
        return squaredEE.clip(0.0, Double.MAX_VALUE).sqrt().toType(DataType.FLOAT32, false);
    }

    /** A few rows at a time, as all (E, E, D) differences of a wide layer would take gigabytes. */
    private NDArray fromDifferences(NDArray weightED) {
        long experts = weightED.getShape().get(0);
        long rows = Math.max(1, MAX_DIFFERENCES / weightED.getShape().size());
        int[] width = {2};
        NDList partsRE = new NDList();
        for (long from = 0; from < experts; from += rows) {
            long to = Math.min(from + rows, experts);
            try (NDArray someRD = weightED.get(new NDIndex(from + ":" + to));
                    NDArray differenceRED = someRD.expandDims(1).sub(weightED.expandDims(0));
                    NDArray absoluteRED = differenceRED.abs()) {
                partsRE.add(this == ONE ? absoluteRED.sum(width) : absoluteRED.max(width));
            }
        }
        return NDArrays.concat(partsRE, 0);
    }
}
