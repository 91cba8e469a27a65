package io.github.gptmoe.data;

/** A row that cannot be used; only travels from a row parser to the reader, which knows file and line. */
final class BadRowException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long offsetInLine;

    BadRowException(long offsetInLine, String problem) {
        super(problem);
        this.offsetInLine = offsetInLine;
    }

    long offsetInLine() {
        return offsetInLine;
    }
}
