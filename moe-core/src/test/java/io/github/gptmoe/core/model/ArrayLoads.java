package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.safetensors.TensorFiles;
import java.io.IOException;

/** Loads one tensor, or a part of one, by itself. */
final class ArrayLoads {
    private ArrayLoads() {}

    static void load(TensorFiles files, String name, NDArray into) throws IOException {
        ArrayLoader loader = new ArrayLoader(1);
        loader.add(files, name, into);
        loader.load();
    }

    static void load(TensorFiles files, String name, long[] fullShape, long from, NDArray into) throws IOException {
        ArrayLoader loader = new ArrayLoader(1);
        loader.add(files, name, fullShape, from, into);
        loader.load();
    }
}
