package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.collective.CollectiveException;
import io.github.gptmoe.train.collective.FirstFailure;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A process other than 0: its connection to process 0. */
final class Spoke {
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final int CONNECT_MILLIS = 5000;

    private final Rendezvous rendezvous;
    private final FirstFailure failure;
    private final Consumer<String> told;
    private final RendezvousTiming timing;
    private final Inbox inbox;
    private volatile boolean left;

    Spoke(Rendezvous rendezvous, FirstFailure failure, Consumer<String> told) {
        this.rendezvous = rendezvous;
        this.failure = failure;
        this.told = told;
        timing = rendezvous.timing();
        inbox = new Inbox(failure);
    }

    World join() {
        told.accept("process " + rendezvous.environment().process() + " looks for process 0 at "
                + rendezvous.meetingPoint());
        Wire wire = introduce();
        Pulse pulse = Pulse.start("rendezvous-heartbeat", timing.heartbeat(), () -> heartbeat(wire));
        try {
            WorldTable table = table(wire);
            failure.onFailure(cause -> tell(wire, cause));
            daemon("rendezvous-listen", () -> listen(wire)).start();
            return new World(
                    rendezvous.environment().process(),
                    table,
                    failure,
                    (own, decide) -> settle(wire, own),
                    () -> leave(wire, pulse));
        } catch (InputException refused) {
            left = true;
            pulse.stop();
            wire.close();
            throw refused;
        }
    }

    /** Connects and introduces itself, again and again until process 0 answers. */
    private Wire introduce() {
        long end = System.nanoTime() + timing.deadline().toNanos();
        String last = "";
        while (true) {
            @Nullable Wire wire = null;
            try {
                wire = connect();
                wire.timeout(timing.silence());
                wire.greet();
                wire.send(Wire.Kind.HELLO, rendezvous.introduction().bytes());
                answer(wire);
                return wire;
            } catch (InputException refused) {
                close(wire);
                throw refused;
            } catch (WireException stranger) {
                close(wire);
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "what answers at " + rendezvous.meetingPoint() + " is not process 0 of a moe run ("
                                + stranger.getMessage() + "); check MASTER_ADDR and MASTER_PORT",
                        stranger);
            } catch (IOException notYet) {
                close(wire);
                last = reason(notYet);
            }
            if (System.nanoTime() > end) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "process " + rendezvous.environment().process() + " did not reach process 0 at "
                                + rendezvous.meetingPoint() + " within "
                                + timing.deadline().toMillis() / 1e3 + " s ("
                                + last + "): it was not started, has ended, or cannot be reached from here");
            }
            pause();
        }
    }

    private Wire connect() throws IOException {
        InetSocketAddress address = new InetSocketAddress(
                rendezvous.environment().masterAddress(),
                rendezvous.environment().masterPort());
        if (address.isUnresolved()) {
            throw new UnknownHostException(
                    "no such host: " + rendezvous.environment().masterAddress());
        }
        Socket socket = new Socket();
        try {
            socket.connect(address, CONNECT_MILLIS);
            return new Wire(socket);
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    private static void answer(Wire wire) throws IOException {
        wire.greeted();
        Wire.Frame frame = wire.read();
        switch (frame.kind()) {
            case JOINED -> {}
            case REFUSED -> throw Refusal.read(frame.body()).exception();
            default -> throw new WireException("it answered with " + frame.kind());
        }
    }

    /** Waits for the others: as long as process 0 gives signs of life, it is the one that watches the deadline. */
    private WorldTable table(Wire wire) {
        try {
            while (true) {
                Wire.Frame frame = wire.read();
                switch (frame.kind()) {
                    case WORLD -> {
                        return WorldTable.read(frame.body());
                    }
                    // A process that heard of the world first may have failed before this one did.
                    case REFUSED, FAILED -> throw Refusal.read(frame.body()).exception();
                    case HEARTBEAT -> {}
                    default -> throw new WireException("it sent " + frame.kind() + " before all had come");
                }
            }
        } catch (IOException gone) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "process 0 at " + rendezvous.meetingPoint() + " has gone before all processes came: "
                            + reason(gone),
                    gone);
        }
    }

    private void listen(Wire wire) {
        try {
            while (true) {
                Wire.Frame frame = wire.read();
                switch (frame.kind()) {
                    case HEARTBEAT -> {}
                    case FAILED -> {
                        Refusal cause = Refusal.read(frame.body());
                        failure.set(cause.reason(), cause.cause());
                    }
                    case ANSWER -> inbox.put(0, frame.body());
                    case BYE -> {
                        left = true;
                        inbox.leave(0);
                        return;
                    }
                    default -> throw new WireException("it sent " + frame.kind());
                }
            }
        } catch (IOException gone) {
            if (!left) {
                failure.set("process 0 (" + rendezvous.meetingPoint() + ") has gone: " + reason(gone), null);
            }
        }
    }

    private static void heartbeat(Wire wire) {
        try {
            wire.send(Wire.Kind.HEARTBEAT, new byte[0]);
        } catch (IOException gone) {
            // The thread that reads says so, with the reason.
        }
    }

    private byte[] settle(Wire wire, byte[] own) {
        try {
            wire.send(Wire.Kind.OFFER, own);
        } catch (IOException gone) {
            // The thread that reads says so, with the reason.
        }
        return inbox.take(0);
    }

    private static void tell(Wire wire, CollectiveException cause) {
        try {
            wire.send(
                    Wire.Kind.FAILED,
                    Refusal.of(String.valueOf(cause.getMessage()), cause).bytes());
        } catch (IOException gone) {
            // Then process 0 has gone, and everyone sees that for himself.
        }
    }

    private void leave(Wire wire, Pulse pulse) {
        left = true;
        pulse.stop();
        try {
            wire.send(Wire.Kind.BYE, new byte[0]);
        } catch (IOException gone) {
            // Nobody is left to be told.
        }
        wire.close();
    }

    /** A thread that does not keep the process alive. */
    static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    static String reason(IOException failed) {
        if (failed instanceof EOFException) {
            return "its connection was closed";
        }
        if (failed instanceof SocketTimeoutException) {
            return "it gave no sign of life";
        }
        String message = failed.getMessage();
        return message == null ? failed.getClass().getSimpleName() : message;
    }

    private static void close(@Nullable Wire wire) {
        if (wire != null) {
            wire.close();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, "interrupted while looking for process 0", interrupted);
        }
    }
}
