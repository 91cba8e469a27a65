package io.github.gptmoe.data;

import java.util.Objects;

/** Something a user must repair: the message names the file, line or key, and the remedy. Never a defect of the program. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Where the remedy lies. */
    public enum Kind {
        /** In the configuration or the arguments. */
        CONFIGURATION,
        /** In the surroundings: files, disk, native libraries. */
        ENVIRONMENT
    }

    /**
     * Makes an exception without a cause.
     *
     * @param kind where the remedy lies
     * @param message what is wrong, where, and what to do about it
     */
    public InputException(Kind kind, String message) {
        super(Objects.requireNonNull(message, "message"));
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /**
     * Makes an exception with a cause.
     *
     * @param kind where the remedy lies
     * @param message what is wrong, where, and what to do about it
     * @param cause what was seen underneath
     */
    public InputException(Kind kind, String message, Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /**
     * Returns where the remedy lies.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    static InputException configuration(String message) {
        return new InputException(Kind.CONFIGURATION, message);
    }

    static InputException environment(String message) {
        return new InputException(Kind.ENVIRONMENT, message);
    }

    static InputException environment(String message, Throwable cause) {
        return new InputException(Kind.ENVIRONMENT, message, cause);
    }
}
