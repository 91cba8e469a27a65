package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.CheckpointException;
import io.github.gptmoe.train.collective.CollectiveException;
import io.github.gptmoe.train.config.ConfigException;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Why a process, or all, cannot take part.
 *
 * @param kind where the remedy lies
 * @param reason what is wrong and what to do about it
 */
record Refusal(InputException.Kind kind, String reason) {
    private static final int CONFIGURATION = 0;
    private static final int ENVIRONMENT = 1;

    static Refusal configuration(String reason) {
        return new Refusal(InputException.Kind.CONFIGURATION, reason);
    }

    static Refusal environment(String reason) {
        return new Refusal(InputException.Kind.ENVIRONMENT, reason);
    }

    /** A failure in words, with where the remedy lies: by default, in the surroundings. */
    static Refusal of(String words, CollectiveException failure) {
        @Nullable Throwable cause = failure;
        while (cause instanceof CollectiveException) {
            cause = cause.getCause();
        }
        boolean mistake = cause instanceof ConfigException
                || (cause instanceof InputException input && input.kind() == InputException.Kind.CONFIGURATION)
                || (cause instanceof CheckpointException checkpoint
                        && checkpoint.kind() == CheckpointException.Kind.NOT_FOUND);
        return mistake ? configuration(words) : environment(words);
    }

    /** What a process that hears of a failure gives as its cause, so that its exit code is that of the one that failed. */
    @Nullable
    InputException cause() {
        return kind == InputException.Kind.CONFIGURATION ? exception() : null;
    }

    byte[] bytes() {
        byte[] text = Wire.text(reason);
        byte[] bytes = new byte[text.length + 1];
        bytes[0] = (byte) (kind == InputException.Kind.CONFIGURATION ? CONFIGURATION : ENVIRONMENT);
        System.arraycopy(text, 0, bytes, 1, text.length);
        return bytes;
    }

    static Refusal read(byte[] body) throws IOException {
        if (body.length < 1 || (body[0] != CONFIGURATION && body[0] != ENVIRONMENT)) {
            throw new WireException("an impossible refusal");
        }
        String reason = Wire.text(Arrays.copyOfRange(body, 1, body.length));
        return body[0] == CONFIGURATION ? configuration(reason) : environment(reason);
    }

    InputException exception() {
        return new InputException(kind, reason);
    }
}
