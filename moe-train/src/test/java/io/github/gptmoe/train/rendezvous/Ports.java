package io.github.gptmoe.train.rendezvous;

import java.io.IOException;
import java.net.ServerSocket;

/** Ports for tests. */
final class Ports {
    private Ports() {}

    /** One that nothing listens at just now. */
    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
