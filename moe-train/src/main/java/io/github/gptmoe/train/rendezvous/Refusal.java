package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.util.Arrays;

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
