package io.github.gptmoe.train.rendezvous;

import java.io.IOException;

/** Bytes that no process of ours sends. */
final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    WireException(String message) {
        super(message);
    }
}
