package io.github.gptmoe.train.checkpoint;

import java.nio.file.Path;

/** The disk has too little room for a checkpoint; nothing was written. */
public final class DiskSpaceException extends CheckpointException {
    private static final long serialVersionUID = 1L;

    private final long neededBytes;
    private final long freeBytes;

    DiskSpaceException(Path folder, long neededBytes, long freeBytes) {
        super(
                Kind.DISK_FULL,
                folder,
                "a checkpoint needs " + neededBytes + " bytes, the disk has " + freeBytes
                        + " free; make room there, or choose another disk with --out");
        this.neededBytes = neededBytes;
        this.freeBytes = freeBytes;
    }

    /**
     * Returns what the checkpoint needs, a small reserve included.
     *
     * @return bytes
     */
    public long neededBytes() {
        return neededBytes;
    }

    /**
     * Returns what the disk had free.
     *
     * @return bytes
     */
    public long freeBytes() {
        return freeBytes;
    }
}
