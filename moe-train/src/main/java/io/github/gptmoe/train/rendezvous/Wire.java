package io.github.gptmoe.train.rendezvous;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * One connection: from each side a greeting (8 bytes, then the protocol's version), then frames of a kind (1 byte), a length
 * (4 bytes, bounded) and as many bytes. Greeting and framing stay the same in all versions. Sending is safe for several
 * threads, reading is for one.
 */
final class Wire implements Closeable {
    /** Raised with every change of what frames mean. */
    static final int VERSION = 2;

    /** Holds the table of {@link RankEnvironment#MOST_PROCESSES} processes. */
    static final int LONGEST_FRAME = 64 << 10;

    private static final byte[] GREETING = "GPT-MOE\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_TEXT = 4000;

    /** What a frame is, with its number on the wire. */
    enum Kind {
        /** {@link Introduction}. */
        HELLO(0),
        /** You are not part of the world: a {@link Refusal}. */
        REFUSED(1),
        /** You are; wait for the others. */
        JOINED(2),
        /** All have come: a {@link WorldTable}. */
        WORLD(3),
        /** A sign of life. */
        HEARTBEAT(4),
        /** A first cause: a {@link Refusal}. */
        FAILED(5),
        /** An orderly end. */
        BYE(6),
        /** What a process says where all settle something. */
        OFFER(7),
        /** What process 0 made of what all said. */
        ANSWER(8);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        static Optional<Kind> numbered(int number) {
            return Arrays.stream(values()).filter(kind -> kind.number == number).findFirst();
        }
    }

    /**
     * What was read.
     *
     * @param kind of frame
     * @param body its bytes; ours to keep
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Frame(Kind kind, byte[] body) {}

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), LONGEST_FRAME));
    }

    /** The other side, as host:port. */
    String peer() {
        SocketAddress remote = socket.getRemoteSocketAddress();
        return remote instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress() + ":" + internet.getPort()
                : "an unknown address";
    }

    /** How long a read waits before it ends in a {@link java.net.SocketTimeoutException}. */
    void timeout(Duration patience) throws IOException {
        socket.setSoTimeout((int) Math.max(1, Math.min(Integer.MAX_VALUE, patience.toMillis())));
    }

    synchronized void greet() throws IOException {
        out.write(GREETING);
        out.writeInt(VERSION);
        out.flush();
    }

    /** Reads the other side's greeting and returns its version. */
    int greeted() throws IOException {
        byte[] greeting = new byte[GREETING.length];
        in.readFully(greeting);
        if (!Arrays.equals(greeting, GREETING)) {
            throw new WireException("its first bytes are not our greeting");
        }
        return in.readInt();
    }

    synchronized void send(Kind kind, byte[] body) throws IOException {
        if (body.length > LONGEST_FRAME) {
            throw new IllegalArgumentException("a frame of " + body.length + " bytes");
        }
        out.writeByte(kind.number);
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }

    Frame read() throws IOException {
        int number = in.readUnsignedByte();
        int length = in.readInt();
        Optional<Kind> kind = Kind.numbered(number);
        if (kind.isEmpty() || length < 0 || length > LONGEST_FRAME) {
            throw new WireException("a frame of kind " + number + " and length " + length);
        }
        byte[] body = new byte[length];
        in.readFully(body);
        return new Frame(kind.get(), body);
    }

    /** A text as a body, cut where it is longer than any message should be. */
    static byte[] text(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "..." : text);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    static String text(byte[] body) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(body))) {
            return in.readUTF();
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // Nothing is lost: what had to arrive was flushed.
        }
    }
}
