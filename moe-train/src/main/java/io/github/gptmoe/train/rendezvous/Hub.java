package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.collective.CollectiveException;
import io.github.gptmoe.train.collective.FirstFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Process 0: everyone's connection ends here, and what one process fails of is passed on to the others. */
final class Hub {
    private static final Duration HANDSHAKE = Duration.ofSeconds(5);
    private static final int MOST_HANDSHAKES = 256;
    private static final int BACKLOG = 1024;

    private final Rendezvous rendezvous;
    private final FirstFailure failure;
    private final Consumer<String> told;
    private final RendezvousTiming timing;
    /** Guards the roster and what follows from it. */
    private final Object lock = new Object();

    private final Roster roster;
    private final Inbox inbox;
    private Optional<Refusal> refusal = Optional.empty();

    private final Map<Integer, Wire> wires = new ConcurrentHashMap<>();
    /** Connections that have not introduced themselves, with the time by which they must. */
    private final Map<Wire, Long> strangers = new ConcurrentHashMap<>();

    private volatile boolean left;
    /** What another process failed of, in the words that are passed on. */
    private volatile @Nullable String passedOn;

    Hub(Rendezvous rendezvous, FirstFailure failure, Consumer<String> told) {
        this.rendezvous = rendezvous;
        this.failure = failure;
        this.told = told;
        timing = rendezvous.timing();
        roster = new Roster(rendezvous.introduction(), hostName());
        inbox = new Inbox(failure);
    }

    World gather(Supplier<byte[]> uniqueId) {
        ServerSocket server = listen();
        told.accept("process 0 waits for " + (rendezvous.environment().processes() - 1) + " others at port "
                + server.getLocalPort());
        Spoke.daemon("rendezvous-accept", () -> accept(server)).start();
        Pulse pulse = Pulse.start("rendezvous-heartbeat", timing.heartbeat(), this::beat);
        try {
            awaitAll();
            WorldTable table;
            synchronized (lock) {
                table = new WorldTable(roster.localRanks(), uniqueId.get());
            }
            failure.onFailure(this::passOn);
            broadcast(Wire.Kind.WORLD, table.bytes());
            return new World(0, table, failure, this::settle, () -> leave(server, pulse));
        } catch (InputException refused) {
            broadcast(Wire.Kind.REFUSED, new Refusal(refused.kind(), String.valueOf(refused.getMessage())).bytes());
            leave(server, pulse);
            throw refused;
        } catch (RuntimeException | Error broken) {
            broadcast(
                    Wire.Kind.REFUSED,
                    Refusal.environment("process 0 failed: " + broken.getMessage())
                            .bytes());
            leave(server, pulse);
            throw broken;
        }
    }

    private ServerSocket listen() {
        int port = rendezvous.environment().masterPort();
        try {
            // At every address of this host: MASTER_ADDR may be a name that only others know it by.
            return new ServerSocket(port, BACKLOG);
        } catch (IOException refused) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "process 0 cannot listen at port " + port + ", from MASTER_PORT (" + refused.getMessage()
                            + "): end what uses it (another run, or a second process with RANK=0), or give all processes"
                            + " another MASTER_PORT",
                    refused);
        }
    }

    private void awaitAll() {
        long end = System.nanoTime() + timing.deadline().toNanos();
        synchronized (lock) {
            while (!roster.complete()) {
                if (refusal.isPresent()) {
                    throw refusal.get().exception();
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw Refusal.environment("not all processes came to " + rendezvous.meetingPoint() + " within "
                                    + timing.deadline().toMillis() / 1e3 + " s: " + roster.missing())
                            .exception();
                }
                try {
                    lock.wait(left / 1_000_000 + 1);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw new InputException(
                            InputException.Kind.ENVIRONMENT, "interrupted while waiting for processes", interrupted);
                }
            }
        }
    }

    /** Goes on when all have come, so that whoever comes later is told so. */
    private void accept(ServerSocket server) {
        while (!left) {
            try {
                Socket socket = server.accept();
                if (strangers.size() >= MOST_HANDSHAKES) {
                    socket.close(); // A process of ours tries again.
                    continue;
                }
                Wire wire = new Wire(socket);
                strangers.put(wire, System.nanoTime() + HANDSHAKE.toNanos());
                Spoke.daemon("rendezvous-" + wire.peer(), () -> serve(wire)).start();
            } catch (IOException gone) {
                if (!left) {
                    told.accept("process 0 could not take a connection: " + gone.getMessage());
                }
            }
        }
    }

    private void serve(Wire wire) {
        String peer = wire.peer();
        Optional<Introduction> admitted = Optional.empty();
        try {
            wire.timeout(HANDSHAKE);
            admitted = admit(wire, peer);
        } catch (IOException stranger) {
            told.accept("a connection from " + peer + " was closed, as it is not from a process of this run: "
                    + Spoke.reason(stranger));
        } finally {
            strangers.remove(wire);
            if (admitted.isEmpty()) {
                wire.close();
            }
        }
        admitted.ifPresent(who -> listen(wire, who.process(), peer));
    }

    private Optional<Introduction> admit(Wire wire, String peer) throws IOException {
        int version = wire.greeted();
        wire.greet();
        // Read in any case: closing with something unread may cost the other side our answer.
        Wire.Frame frame = wire.read();
        if (version != Wire.VERSION) {
            Refusal differs = Refusal.configuration("protocol version: " + Wire.VERSION + " in process 0, but "
                    + version + " in the process at " + peer + "; run the same version of moe everywhere");
            refuse(wire, differs, true);
            return Optional.empty();
        }
        if (frame.kind() != Wire.Kind.HELLO) {
            throw new WireException("it began with " + frame.kind());
        }
        Introduction introduction = Introduction.read(frame.body());
        synchronized (lock) {
            Roster.Verdict verdict = roster.admit(introduction, peer);
            if (verdict.refusal().isPresent()) {
                refuse(wire, verdict.refusal().get(), verdict.disagreement());
                return Optional.empty();
            }
            // Before others can see the world complete, so that this one gets the table after this frame.
            wire.timeout(timing.silence());
            wire.send(Wire.Kind.JOINED, new byte[0]);
            wires.put(introduction.process(), wire);
            lock.notifyAll();
        }
        return Optional.of(introduction);
    }

    private void refuse(Wire wire, Refusal reason, boolean disagreement) throws IOException {
        told.accept("refused " + wire.peer() + ": " + reason.reason());
        wire.send(Wire.Kind.REFUSED, reason.bytes());
        synchronized (lock) {
            if (disagreement && !roster.complete() && refusal.isEmpty()) {
                refusal = Optional.of(reason);
                lock.notifyAll();
            }
        }
    }

    private void listen(Wire wire, int process, String peer) {
        String who = "process " + process + " (" + peer + ")";
        try {
            while (true) {
                Wire.Frame frame = wire.read();
                switch (frame.kind()) {
                    case HEARTBEAT -> {}
                    case FAILED -> failed(who, Refusal.read(frame.body()));
                    case OFFER -> inbox.put(process, frame.body());
                    case BYE -> {
                        inbox.leave(process);
                        wires.remove(process);
                        wire.close();
                        return;
                    }
                    default -> throw new WireException("it sent " + frame.kind());
                }
            }
        } catch (IOException gone) {
            lost(wire, process, who, Spoke.reason(gone));
        }
    }

    private void lost(Wire wire, int process, String who, String reason) {
        wires.remove(process);
        wire.close();
        synchronized (lock) {
            roster.leave(process);
            if (!roster.complete()) {
                told.accept(who + " has gone before all had come, and may come again: " + reason);
                return;
            }
        }
        if (!left) {
            fail(who + " has gone: " + reason, null);
        }
    }

    private void failed(String who, Refusal cause) {
        fail(who + ": " + cause.reason(), cause.cause());
    }

    private void fail(String cause, @Nullable InputException mistake) {
        if (failure.get().isEmpty()) {
            passedOn = cause;
        }
        failure.set(cause, mistake);
    }

    private byte[] settle(byte[] own, Function<List<byte[]>, byte[]> decide) {
        List<byte[]> said = new ArrayList<>(List.of(own));
        for (int process = 1; process < rendezvous.environment().processes(); process++) {
            said.add(inbox.take(process));
        }
        byte[] answer = decide.apply(said);
        broadcast(Wire.Kind.ANSWER, answer);
        return answer;
    }

    private void passOn(CollectiveException cause) {
        String message = String.valueOf(cause.getMessage());
        String words = message.equals(passedOn) ? message : "process 0: " + message;
        broadcast(Wire.Kind.FAILED, Refusal.of(words, cause).bytes());
    }

    private void beat() {
        broadcast(Wire.Kind.HEARTBEAT, new byte[0]);
        long now = System.nanoTime();
        strangers.forEach((wire, end) -> {
            if (now - end > 0) {
                wire.close();
            }
        });
    }

    private void broadcast(Wire.Kind kind, byte[] body) {
        wires.values().forEach(wire -> {
            try {
                wire.send(kind, body);
            } catch (IOException gone) {
                // The thread that reads from it says so, with the reason.
            }
        });
    }

    private void leave(ServerSocket server, Pulse pulse) {
        left = true;
        pulse.stop();
        broadcast(Wire.Kind.BYE, new byte[0]);
        try {
            server.close();
        } catch (IOException alreadyGone) {
            // Nobody can come any more either way.
        }
        wires.values().forEach(Wire::close);
        strangers.keySet().forEach(Wire::close);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "this host";
        }
    }
}
