package io.github.gptmoe.train.rendezvous;

import java.io.IOException;
import java.net.ServerSocket;

/** Ports for tests. */
public final class Ports {
    private Ports() {}

    /** One that nothing listens at just now. */
    public static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
