package io.github.gptmoe.train.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** Tells how many bytes can still be written to the disk of a folder. */
@FunctionalInterface
interface SpaceProbe {
    long usableBytes(Path folder) throws IOException;
}
