package io.github.gptmoe.train.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.collective.CollectiveException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that are threads here, and strangers; real processes are in {@link TwoProcessesTest}. */
@Timeout(60)
class RendezvousTest {
    private static final Duration LONG = Duration.ofSeconds(40);
    private static final Duration SHORT = Duration.ofMillis(600);
    private static final Duration BEAT = Duration.ofMillis(50);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private int port;

    @BeforeEach
    void findPort() throws IOException {
        port = Ports.free();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Rendezvous process(int process, int processes, int localRanks, String hash, Duration deadline) {
        RankEnvironment environment = new RankEnvironment("localhost", port, process, processes, 0, process);
        return new Rendezvous(
                environment, localRanks, hash, new RendezvousTiming(deadline, BEAT, Duration.ofMillis(500)));
    }

    private Future<World> join(Rendezvous rendezvous) {
        return threads.submit(() -> rendezvous.join(() -> new byte[] {1, 2, 3}, told::add));
    }

    private Future<World> join(int process, int processes) {
        return join(process(process, processes, 2, "c0ffee", LONG));
    }

    private static InputException refused(Future<World> joining) throws InterruptedException {
        try {
            throw new AssertionError("joined a world of " + joining.get().processes());
        } catch (ExecutionException thrown) {
            assertThat(thrown.getCause()).isInstanceOf(InputException.class);
            return (InputException) thrown.getCause();
        }
    }

    private static String failure(World world) throws Exception {
        CompletableFuture<String> message = new CompletableFuture<>();
        world.failure().onFailure(cause -> message.complete(String.valueOf(cause.getMessage())));
        return message.get(20, TimeUnit.SECONDS);
    }

    /** A peer that speaks the protocol by hand. */
    private Wire connect() throws IOException {
        while (true) {
            try {
                Wire wire = new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
                wire.timeout(Duration.ofSeconds(20));
                return wire;
            } catch (IOException notYet) {
                Thread.onSpinWait();
            }
        }
    }

    private Wire introduce(int process, int processes) throws IOException {
        Wire wire = connect();
        wire.greet();
        wire.send(Wire.Kind.HELLO, new Introduction(processes, process, 1, "c0ffee").bytes());
        assertThat(wire.greeted()).isEqualTo(Wire.VERSION);
        assertThat(wire.read().kind()).isEqualTo(Wire.Kind.JOINED);
        return wire;
    }

    @Test
    void ranksAreNumberedByProcessWhoeverComesFirst() throws Exception {
        Future<World> last = join(process(2, 3, 4, "c0ffee", LONG));
        Future<World> middle = join(process(1, 3, 1, "c0ffee", LONG));
        Future<World> first = join(process(0, 3, 2, "c0ffee", LONG));
        List<World> worlds = List.of(first.get(), middle.get(), last.get());
        assertThat(worlds).allSatisfy(world -> {
            assertThat(world.worldSize()).isEqualTo(7);
            assertThat(world.processes()).isEqualTo(3);
            assertThat(world.uniqueId()).containsExactly(1, 2, 3);
        });
        assertThat(worlds.stream().map(World::firstRank)).containsExactly(0, 2, 3);
        assertThat(worlds.stream().map(World::localRanks)).containsExactly(2, 1, 4);
        worlds.forEach(World::close);
        assertThat(worlds).allSatisfy(world -> assertThat(world.failure().get()).isEmpty());
    }

    @Test
    void aloneNothingIsOpened() {
        World world = process(0, 1, 3, "c0ffee", LONG).join(() -> new byte[] {9}, told::add);
        assertThat(world.worldSize()).isEqualTo(3);
        assertThat(world.uniqueId()).containsExactly(9);
        assertThat(told).isEmpty();
    }

    @Test
    void anotherWorldSizeStopsAllWithBothValues() throws Exception {
        Future<World> zero = join(0, 3);
        try (Wire one = introduce(1, 3)) {
            String message = refused(join(2, 4)).getMessage();
            assertThat(message).contains("world size", "WORLD_SIZE=3", "process 2 (127.0.0.1:", "WORLD_SIZE=4");
            assertThat(refused(zero)).hasMessage(message);
            Wire.Frame frame = one.read();
            while (frame.kind() == Wire.Kind.HEARTBEAT) {
                frame = one.read();
            }
            assertThat(frame.kind()).isEqualTo(Wire.Kind.REFUSED);
            assertThat(Refusal.read(frame.body())).isEqualTo(Refusal.configuration(message));
        }
    }

    @Test
    void anotherConfigurationStopsAllWithBothHashes() throws Exception {
        Future<World> zero = join(0, 2);
        assertThat(refused(join(process(1, 2, 2, "decaf", LONG))))
                .hasMessageContaining("configuration: its hash is c0ffee in process 0, but decaf in process 1");
        assertThat(refused(zero)).hasMessageContaining("decaf");
    }

    @Test
    void aSecondProcessOfOneRankIsRefusedWithBothAddresses() throws Exception {
        Future<World> zero = join(0, 3);
        Wire one = introduce(1, 3);
        assertThat(refused(join(1, 3)).getMessage())
                .matches("RANK=1 is taken: first by 127\\.0\\.0\\.1:\\d+, then by 127\\.0\\.0\\.1:\\d+;.*");
        try (one;
                Wire two = introduce(2, 3)) {
            assertThat(zero.get().worldSize()).isEqualTo(4);
            assertThat(two.read().kind()).isIn(Wire.Kind.WORLD, Wire.Kind.HEARTBEAT);
        }
    }

    @Test
    void aProcessThatDiesBeforeAllCameMayComeAgain() throws Exception {
        Future<World> zero = join(0, 3);
        introduce(1, 3).close();
        while (told.stream().noneMatch(line -> line.contains("may come again"))) {
            Thread.onSpinWait();
        }
        Future<World> again = join(1, 3);
        Future<World> two = join(2, 3);
        assertThat(List.of(zero.get(), again.get(), two.get()))
                .allSatisfy(world -> assertThat(world.worldSize()).isEqualTo(6));
    }

    @Test
    void whoComesLateIsToldSo() throws Exception {
        Future<World> zero = join(0, 2);
        Future<World> one = join(1, 2);
        zero.get();
        one.get();
        assertThat(refused(join(1, 2))).hasMessageContaining("came late: the world of 2 processes is complete");
        assertThat(zero.get().failure().get()).isEmpty();
    }

    @Test
    void whoIsMissingAtTheDeadlineIsNamedToAll() throws Exception {
        Future<World> zero = join(process(0, 4, 2, "c0ffee", SHORT));
        Future<World> two = join(2, 4);
        assertThat(refused(zero))
                .hasMessageContaining("not all processes came to localhost:" + port + " within 0.6 s")
                .hasMessageContaining("processes [1, 3] of 4 are missing")
                .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(InputException.Kind.ENVIRONMENT));
        assertThat(refused(two)).hasMessageContaining("processes [1, 3] of 4 are missing");
    }

    @Test
    void noProcessZeroIsSaidAtTheDeadline() throws Exception {
        assertThat(refused(join(process(1, 2, 1, "c0ffee", SHORT))))
                .hasMessageContaining("process 1 did not reach process 0 at localhost:" + port + " within 0.6 s");
    }

    @Test
    void aPortInUseIsSaidWithTheRemedy() throws Exception {
        try (ServerSocket other = new ServerSocket(port)) {
            assertThat(other.isBound()).isTrue();
            assertThat(refused(join(0, 2)))
                    .hasMessageContaining("cannot listen at port " + port)
                    .hasMessageContaining("another MASTER_PORT")
                    .satisfies(refusal -> assertThat(refusal.kind()).isEqualTo(InputException.Kind.ENVIRONMENT));
        }
    }

    @Test
    void anotherServerAtThePortIsNoProcessOfOurs() throws Exception {
        try (ServerSocket other = new ServerSocket(port)) {
            Future<World> one = join(1, 2);
            try (Socket client = other.accept()) {
                client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n".getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().flush();
                assertThat(refused(one)).hasMessageContaining("is not process 0 of a moe run");
            }
        }
    }

    /** Nothing that a stranger sends may hang process 0, end it, or make it allocate what the stranger says. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GPT-MO",
                "GPT-MOE\n\0\0\0\2\0\177\177\177\177",
                "GPT-MOE\n\0\0\0\2\377\0\0\0\0",
                "GPT-MOE\n\0\0\0\2\4\0\0\0\0",
                "GPT-MOE\n\0\0\0\2\0\0\0\0\2xx",
                "GPT-MOE\n\0\0\0\2\0\0\0\0\22\0\0\0\2\0\0\0\1\0\0\0\1\177\177xxxx",
                "GPT-MOE\n\0\0\0\2\0\0\0\0\20\0\0\0\2\177\0\0\1\0\0\0\1\0\0\0\0"
            })
    void strangersAreSentAway(String bytes) throws Exception {
        Future<World> zero = join(0, 2);
        try (Socket socket = stranger()) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            while (told.stream().noneMatch(line -> line.contains("not from a process of this run"))) {
                Thread.onSpinWait();
            }
        }
        Future<World> one = join(1, 2);
        assertThat(zero.get().worldSize()).isEqualTo(4);
        assertThat(one.get().firstRank()).isEqualTo(2);
    }

    private Socket stranger() {
        while (true) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException notYet) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void silentStrangersAreInNobodysWay() throws Exception {
        Future<World> zero = join(0, 2);
        try (Socket silent = stranger()) {
            assertThat(silent.isConnected()).isTrue();
            Future<World> one = join(1, 2);
            assertThat(zero.get().worldSize()).isEqualTo(4);
            assertThat(one.get().worldSize()).isEqualTo(4);
        }
    }

    @Test
    void anotherVersionIsNamed() throws Exception {
        Future<World> zero = join(0, 2);
        try (Socket socket = stranger();
                Wire wire = new Wire(socket)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write("GPT-MOE\n\0\0\0\7\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1));
            wire.greeted();
            assertThat(Refusal.read(wire.read().body()).reason())
                    .contains("protocol version: 2 in process 0, but 7 in the process at 127.0.0.1");
        }
        assertThat(refused(zero)).hasMessageContaining("protocol version");
    }

    @Test
    void theFirstCauseReachesEveryProcess() throws Exception {
        List<Future<World>> joining = List.of(join(0, 3), join(1, 3), join(2, 3));
        World zero = joining.get(0).get();
        World one = joining.get(1).get();
        World two = joining.get(2).get();
        one.failure().set("rank 2 failed: disk full", null);
        assertThat(failure(zero)).matches("process 1 \\(127.0.0.1:\\d+\\): rank 2 failed: disk full");
        assertThat(failure(two)).isEqualTo(failure(zero));
        assertThat(failure(one)).isEqualTo("rank 2 failed: disk full");
    }

    @Test
    void processZeroIsNamedWhenItFails() throws Exception {
        Future<World> zero = join(0, 2);
        Future<World> one = join(1, 2);
        zero.get().failure().set("rank 0 failed: no batch", null);
        assertThat(failure(one.get())).isEqualTo("process 0: rank 0 failed: no batch");
    }

    @Test
    void aSilentProcessCountsAsDead() throws Exception {
        Future<World> zero = join(0, 3);
        try (Wire silent = introduce(1, 3)) {
            Future<World> two = join(2, 3);
            assertThat(failure(zero.get())).matches("process 1 \\(127.0.0.1:\\d+\\) has gone: it gave no sign of life");
            assertThat(failure(two.get())).isEqualTo(failure(zero.get()));
            assertThat(silent.peer()).endsWith(":" + port);
        }
    }

    @Test
    void anOrderlyEndIsNoFailure() throws Exception {
        List<Future<World>> joining = List.of(join(0, 3), join(1, 3), join(2, 3));
        joining.get(1).get().close();
        joining.get(0).get().close();
        // Longer than the silence after which a process counts as dead.
        Thread.sleep(800);
        assertThat(joining.get(0).get().failure().get()).isEmpty();
        assertThat(joining.get(2).get().failure().get()).isEmpty();
    }

    @Test
    void aFailureWhileTheIdIsMadeIsToldToAll() throws Exception {
        Future<World> one = join(1, 2);
        Rendezvous zero = process(0, 2, 1, "c0ffee", LONG);
        assertThatThrownBy(() -> zero.join(
                        () -> {
                            throw new IllegalStateException("no NCCL");
                        },
                        told::add))
                .hasMessage("no NCCL");
        assertThat(refused(one)).hasMessage("process 0 failed: no NCCL");
    }

    @Test
    void processZeroDecidesOutOfWhatAllSay() throws Exception {
        List<Future<World>> joining = List.of(join(0, 3), join(1, 3), join(2, 3));
        List<Future<String>> answers = new ArrayList<>();
        for (Future<World> each : joining) {
            World world = each.get();
            answers.add(threads.submit(
                    () -> world.settle("first of " + world.process(), said -> String.join(", ", said)) + "; "
                            + world.settle("\u4e8c" + world.process(), said -> String.join(" ", said))));
        }
        for (Future<String> answer : answers) {
            assertThat(answer.get()).isEqualTo("first of 0, first of 1, first of 2; \u4e8c0 \u4e8c1 \u4e8c2");
        }
    }

    /** As while process 0 packs text: the deadline is one for coming only. */
    @Test
    void whoLivesIsWaitedFor() throws Exception {
        Future<World> zero = join(process(0, 2, 1, "c0ffee", SHORT));
        Future<World> one = join(process(1, 2, 1, "c0ffee", SHORT));
        World leader = zero.get();
        World other = one.get();
        Future<String> heard = threads.submit(() -> other.settle("", said -> ""));
        Thread.sleep(2 * SHORT.toMillis());
        assertThat(heard.isDone()).isFalse();
        leader.settle("", said -> "packed");
        assertThat(heard.get()).isEqualTo("packed");
    }

    @Test
    void whoHasLeftIsNotWaitedFor() throws Exception {
        Future<World> zero = join(0, 2);
        Future<World> one = join(1, 2);
        one.get().close();
        World leader = zero.get();
        assertThatThrownBy(() -> leader.settle("", said -> ""))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContaining("process 1 has left while others wait for it");
    }

    @Test
    void aloneAProcessSettlesWithItself() {
        World world = World.alone(2, new byte[0]);
        assertThat(world.settle("own", said -> said + "!")).isEqualTo("[own]!");
        Thread caller = Thread.currentThread();
        assertThat(world.run(Thread::currentThread)).isSameAs(caller);
    }

    /** So that all processes end with the exit code of the one that failed. */
    @ParameterizedTest
    @EnumSource(InputException.Kind.class)
    void whereTheRemedyLiesTravelsWithTheCause(InputException.Kind kind) throws Exception {
        List<Future<World>> joining = List.of(join(0, 3), join(1, 3), join(2, 3));
        World zero = joining.get(0).get();
        World one = joining.get(1).get();
        World two = joining.get(2).get();
        InputException cause = new InputException(kind, "wrong tokenizer");
        assertThatThrownBy(() -> two.run(() -> {
                    throw cause;
                }))
                .isSameAs(cause);
        for (World other : List.of(zero, one)) {
            assertThat(failure(other)).matches("process 2 \\(127.0.0.1:\\d+\\): wrong tokenizer");
            Throwable heard = other.failure().get().orElseThrow().getCause();
            if (kind == InputException.Kind.CONFIGURATION) {
                assertThat(heard)
                        .isInstanceOfSatisfying(
                                InputException.class,
                                mistake -> assertThat(mistake.kind()).isEqualTo(kind));
            } else {
                assertThat(heard).isNull();
            }
        }
    }

    @Test
    void workEndsWithTheFailureOfAnotherProcessWhateverItDoes() throws Exception {
        Future<World> zero = join(0, 2);
        Future<World> one = join(1, 2);
        World busy = zero.get();
        CountDownLatch never = new CountDownLatch(1);
        Future<Integer> work = threads.submit(() -> busy.run(() -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return 1;
        }));
        one.get().failure().set("rank 1 failed: no disk", null);
        assertThatThrownBy(work::get)
                .cause()
                .isInstanceOf(CollectiveException.class)
                .message()
                .matches("process 1 \\(127.0.0.1:\\d+\\): rank 1 failed: no disk");
        never.countDown();
    }

    @Test
    void tablesTravelWhole() throws IOException {
        WorldTable table = new WorldTable(List.of(8, 8, 4), new byte[] {-1, 5});
        WorldTable read = WorldTable.read(table.bytes());
        assertThat(read.localRanks()).containsExactly(8, 8, 4);
        assertThat(read.uniqueId()).containsExactly(-1, 5);
        assertThatExceptionOfType(WireException.class)
                .isThrownBy(() -> WorldTable.read(new byte[] {127, 0, 0, 0, 0, 0, 0, 0}));
        assertThatThrownBy(() -> new RendezvousTiming(LONG, BEAT, BEAT)).hasMessageContaining("twice");
    }
}
