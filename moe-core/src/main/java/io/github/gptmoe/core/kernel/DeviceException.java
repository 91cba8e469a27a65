package io.github.gptmoe.core.kernel;

/** Something about a device or a native library that is not this program's to repair; the message says what, and the remedy. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what is wrong and what to do about it
     */
    public DeviceException(String message) {
        super(message);
    }
}
