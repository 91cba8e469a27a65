package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A sound file does not have the tensor that is wanted: it is missing, or has another shape or dtype. The remedy lies with who
 * chose the file; a damaged file gives a {@link SafetensorsException}, a disk that fails a plain {@link IOException}.
 */
public final class TensorMismatchException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param file the file, or the index of several
     * @param tensor name of the tensor
     * @param what what about it is not as wanted, without file and tensor
     */
    public TensorMismatchException(Path file, String tensor, String what) {
        super(file + ": tensor " + SafetensorsException.shown(tensor) + " " + what);
    }
}
