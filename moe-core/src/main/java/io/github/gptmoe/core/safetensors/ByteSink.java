package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes bytes in order, one buffer after the other. */
@FunctionalInterface
public interface ByteSink {
    /**
     * Takes the bytes between the buffer's position and its limit. They are used up before the call returns, so the
     * caller may fill the same buffer again.
     *
     * @param bytes next bytes
     * @throws IOException if they cannot be stored
     */
    void write(ByteBuffer bytes) throws IOException;
}
