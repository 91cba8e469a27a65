package io.github.gptmoe.train.collective;

/** An operation of a process group that will not complete, with the first cause; the group is of no further use. */
public final class CollectiveException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectiveException(String message) {
        super(message);
    }

    CollectiveException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same failure for another thread, whose own stack it shows. */
    CollectiveException again() {
        return new CollectiveException(String.valueOf(getMessage()), this);
    }
}
