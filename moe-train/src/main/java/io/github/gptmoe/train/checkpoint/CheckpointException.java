package io.github.gptmoe.train.checkpoint;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A checkpoint cannot be written, found or used. The message names the file and what to do. */
public class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final transient Path file;

    /** What went wrong. */
    public enum Kind {
        /** A file is missing, changed, or belongs to another run or step. */
        DAMAGED,
        /** The checkpoint was written by a newer version of this program. */
        TOO_NEW,
        /** There is no checkpoint at the given place. */
        NOT_FOUND,
        /** A save was given up before it began, because the disk has too little room. */
        DISK_FULL,
        /** A save failed; what it wrote is gone and earlier checkpoints are as they were. */
        SAVE_FAILED,
        /** Another trainer works in the folder. */
        LOCKED
    }

    CheckpointException(Kind kind, Path file, String message) {
        this(kind, file, message, null);
    }

    CheckpointException(Kind kind, Path file, String message, @Nullable Throwable cause) {
        super(file + ": " + message, cause);
        this.kind = kind;
        this.file = file;
    }

    /**
     * Returns what went wrong.
     *
     * @return the kind of failure
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the file or folder that is at fault.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * Says whether a training run that meets this failure can simply go on: true for a save that failed without harm to
     * earlier checkpoints.
     *
     * @return true if nothing but this one checkpoint is lost
     */
    public boolean trainingMayContinue() {
        return kind == Kind.SAVE_FAILED || kind == Kind.DISK_FULL;
    }
}
