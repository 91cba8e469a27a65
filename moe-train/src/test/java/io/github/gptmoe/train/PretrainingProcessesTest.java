package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.core.kernel.KernelPlatform;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.attention.AttentionChoice;
import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.collective.CollectiveException;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.rendezvous.Ports;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.rendezvous.RendezvousTiming;
import io.github.gptmoe.train.rendezvous.World;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.sharding.RankGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two runs in this JVM that each take themselves for a process of its own, with one rank. They meet as processes do; a group of
 * threads stands in for NCCL.
 */
@Timeout(120)
class PretrainingProcessesTest {
    private static final RunConfig CONFIG = config();

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @TempDir
    Path folder;

    private List<ProcessGroup> groups;
    private int port;
    private Part zero;
    private Part one;

    private static RunConfig config(String... more) {
        List<String> sets = new ArrayList<>(List.of("train.zeroStage=2", "train.globalBatch=8", "train.microBatch=2"));
        sets.addAll(List.of(more));
        return TinyRun.config(sets.toArray(String[]::new));
    }

    @BeforeEach
    void open() throws IOException {
        zero = new Part(0);
        one = new Part(1);
        meetAgain();
    }

    private void meetAgain() throws IOException {
        groups = InProcessGroup.of(2, Duration.ofSeconds(60));
        port = Ports.free();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** The one rank of a process. What fails it goes to the world, and only from there to the rank of the other process. */
    private record OneRank(ProcessGroup group, UnaryOperator<ProcessGroup> seen) implements RankStarter {
        @Override
        public int count() {
            return 1;
        }

        @Override
        public byte[] uniqueId() {
            return new byte[] {7};
        }

        @Override
        public <R> R run(World world, Function<RankGroups, R> body, Consumer<String> report) {
            assertThat(world.uniqueId()).containsExactly(7);
            assertThat(world.firstRank()).isEqualTo(group.rank());
            AtomicBoolean own = new AtomicBoolean();
            world.failure().onFailure(cause -> {
                if (!own.get()) {
                    group.fail(cause);
                }
            });
            return Ranks.run(
                    1,
                    local -> body.apply(RankGroups.dataParallel(seen.apply(group))),
                    (local, cause) -> {
                        own.set(true);
                        world.failure().set("rank " + world.firstRank() + " failed: " + cause, cause);
                    },
                    report);
        }
    }

    /** A process before it is started; what tests do not set is the same for both. */
    private final class Part {
        private final int process;
        private RunConfig config = CONFIG;
        private Path run = folder.resolve("run");
        private Resume resume = Resume.auto();
        private TinyRun.Heard heard = new TinyRun.Heard(step -> {});
        private StopRequest stop = new StopRequest();
        private AttentionResolver attention = AttentionResolver.fixedRule();
        private UnaryOperator<ProcessGroup> seen = group -> group;

        Part(int process) {
            this.process = process;
        }

        Future<RunSummary> start() {
            Node node = new Node(
                    new RankEnvironment("localhost", port, process, 2, 0, process),
                    new OneRank(groups.get(process), seen),
                    new RendezvousTiming(Duration.ofSeconds(40), Duration.ofMillis(50), Duration.ofSeconds(5)));
            return threads.submit(() ->
                    new Pretraining(config, new RunFolder(run), resume, heard, stop, attention, train -> node).run());
        }
    }

    /** How both ended: a summary or what was thrown. */
    private record Ends(Object zero, Object one) {
        RunSummary summaryOfZero() {
            assertThat(zero).isInstanceOf(RunSummary.class);
            return (RunSummary) zero;
        }

        RunSummary summaryOfOne() {
            assertThat(one).isInstanceOf(RunSummary.class);
            return (RunSummary) one;
        }
    }

    private Ends runBoth() {
        // As many threads for an operation as ranks of one process have.
        return KernelPlatform.withThreads(Math.max(1, KernelPlatform.threads() / 2), () -> {
            Future<RunSummary> first = zero.start();
            Future<RunSummary> second = one.start();
            return new Ends(end(first), end(second));
        });
    }

    private static Object end(Future<RunSummary> process) {
        try {
            return process.get();
        } catch (ExecutionException thrown) {
            return thrown.getCause();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** A process that ends with the cause of another waits two seconds for its own work; on a busy machine that takes longer. */
    private static void assertGone(Path file) {
        long last = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (Files.exists(file) && System.nanoTime() < last) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        assertThat(file).doesNotExist();
    }

    private static void requireMistake(Object end, String... parts) {
        assertThat(end)
                .isInstanceOfSatisfying(
                        InputException.class,
                        mistake -> assertThat(mistake.kind()).isEqualTo(InputException.Kind.CONFIGURATION));
        assertThat((InputException) end).hasMessageContainingAll(parts);
    }

    /** What the other process was wrong about comes with its exit code. */
    private static void requireMistakeOfOther(Object end, String... parts) {
        assertThat(end).isInstanceOf(CollectiveException.class);
        assertThat((CollectiveException) end)
                .hasMessageContainingAll(parts)
                .rootCause()
                .isInstanceOfSatisfying(
                        InputException.class,
                        mistake -> assertThat(mistake.kind()).isEqualTo(InputException.Kind.CONFIGURATION));
    }

    @Test
    void bothBeginWithTheWeightsThatProcessZeroFound() {
        Path base = folder.resolve("base");
        TinyRun.train(config("train.zeroStage=0", "train.steps=4"), base);
        zero.config = config("train.steps=3", "train.initialWeights=" + base);
        one.config = zero.config;
        Ends ends = runBoth();
        TinyRun.Heard together = TinyRun.train(zero.config, folder.resolve("together"), 2);
        assertThat(zero.heard.losses()).hasSize(3).isEqualTo(together.losses());
        assertThat(ends.summaryOfOne().loss()).isEqualTo(ends.summaryOfZero().loss());
        assertThat(zero.heard.messages)
                .anyMatch(message -> message.startsWith("beginning with the weights of " + base));
    }

    @Test
    void theyTrainWhatTwoRanksOfOneProcessDo() throws IOException {
        Path plain = folder.resolve("plain");
        TinyRun.Heard ranks = TinyRun.train(config("train.attention=fused"), plain, 2);
        zero.attention = run -> new AttentionChoice(NamedAttention.FUSED, "chosen by the test");
        one.attention = run -> {
            throw new AssertionError("process 1 chose the attention");
        };
        one.run = folder.resolve("of-process-1");
        Ends ends = runBoth();
        assertThat(ends.summaryOfZero().finished()).isTrue();
        assertThat(zero.heard.losses()).hasSize(12).isEqualTo(ranks.losses());
        assertThat(zero.heard.validations).isEqualTo(ranks.validations);
        for (String checkpoint : List.of("step-00000008", "step-00000012")) {
            assertThat(RanksTest.tensors(zero.run.resolve("checkpoints").resolve(checkpoint)))
                    .isEqualTo(RanksTest.tensors(plain.resolve("checkpoints").resolve(checkpoint)));
        }
        assertThat(ends.summaryOfOne().finished()).isTrue();
        assertThat(ends.summaryOfOne().validationLoss())
                .isEqualTo(ends.summaryOfZero().validationLoss());
        assertThat(ends.summaryOfOne().bigramLoss())
                .isEqualTo(ends.summaryOfZero().bigramLoss());
    }

    @Test
    void onlyProcessZeroWritesAndSpeaks() throws IOException {
        one.run = folder.resolve("of-process-1");
        Ends ends = runBoth();
        assertThat(ends.summaryOfOne().step()).isEqualTo(12);
        assertThat(one.run).doesNotExist();
        assertThat(one.heard.messages)
                .containsExactly(
                        "process 1 looks for process 0 at localhost:" + port,
                        "process 1 has joined as ranks 1..1 of 2");
        assertThat(one.heard.steps).isEmpty();
        assertThat(one.heard.validations).isEmpty();
        assertThat(one.heard.checkpoints).isEmpty();
        assertThat(Files.readAllLines(new RunFolder(zero.run).metrics())).hasSize(12 + 3);
        assertThat(new RunFolder(zero.run).readConfig().train().attention()).isNotEqualTo("auto");
        assertThat(new RunFolder(zero.run).readSummary()).contains(ends.summaryOfZero());
    }

    /** The stop is asked of the process that nobody watches; the run then goes on from what process 0 finds. */
    @Test
    void aStopEndsBothAfterTheSameStepAndTheyGoOnFromThere() throws IOException {
        TinyRun.Heard whole = TinyRun.train(CONFIG, folder.resolve("whole"), 2);
        zero.heard = new TinyRun.Heard(step -> {
            if (step == 5) {
                one.stop.request();
            }
        });
        Ends stopped = runBoth();
        assertThat(stopped.summaryOfZero().finished()).isFalse();
        assertThat(stopped.summaryOfOne().finished()).isFalse();
        // Process 1 may have asked whether anybody wants to stop just before; then it asks again after the next step.
        long last = stopped.summaryOfZero().step();
        assertThat(last).isBetween(5L, 6L).isEqualTo(stopped.summaryOfOne().step());
        assertThat(zero.run.resolve("checkpoints/step-0000000" + last)).isDirectory();
        List<Double> losses = new ArrayList<>(zero.heard.losses());

        meetAgain();
        zero.heard = new TinyRun.Heard(step -> {});
        one.heard = new TinyRun.Heard(step -> {});
        one.stop = new StopRequest();
        one.resume = Resume.never(); // It is told where to start, and does not choose.
        Ends finished = runBoth();
        assertThat(finished.summaryOfZero().finished()).isTrue();
        assertThat(finished.summaryOfOne().step()).isEqualTo(12);
        losses.addAll(zero.heard.losses());
        assertThat(losses).isEqualTo(whole.losses());
        assertThat(zero.heard.messages).anyMatch(text -> text.startsWith("continuing after step " + last + " from "));
        assertThat(one.heard.messages).hasSize(2);

        meetAgain();
        zero.heard = new TinyRun.Heard(step -> {});
        Ends again = runBoth();
        assertThat(again.summaryOfOne()).isEqualTo(again.summaryOfZero()).isEqualTo(finished.summaryOfZero());
        assertThat(zero.heard.steps).isEmpty();
    }

    @Test
    void aFolderThatIsNotSharedIsSeenWhenTheRunGoesOn() throws IOException {
        one.run = folder.resolve("of-process-1");
        zero.heard = new TinyRun.Heard(step -> {
            if (step == 1) {
                zero.stop.request();
            }
        });
        assertThat(runBoth().summaryOfZero().step()).isEqualTo(1);

        meetAgain();
        zero.stop = new StopRequest();
        Ends ends = runBoth();
        String cause =
                "process 0 goes on from " + Path.of("checkpoints", "step-00000001") + ", which cannot be used here";
        assertThat((Exception) ends.one).isInstanceOf(InputException.class).hasMessageContainingAll(cause, "--out");
        assertThat((Exception) ends.zero)
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("process 1 (127.0.0.1:", cause);
        assertGone(zero.run.resolve("run.lock.owner"));
    }

    @Test
    void anotherConfigurationIsRefusedWithBothHashes() {
        one.config = config("train.steps=13");
        Ends ends = runBoth();
        String[] hashes = {
            "configuration: its hash is " + RunFolder.hash(CONFIG) + " in process 0, but " + RunFolder.hash(one.config),
            "--set"
        };
        requireMistake(ends.zero, hashes);
        requireMistake(ends.one, hashes);
        assertThat(zero.run).doesNotExist();
    }

    private RunConfig withOwnText() throws IOException {
        Path text = Files.copy(TinyRun.TEXT, folder.resolve("text.jsonl"));
        return config("data.train=[" + text + "]", "data.cache=" + folder.resolve("cache"));
    }

    /** Text that differs from node to node, under one name; here it changes when process 0 has packed it. */
    @Test
    void otherDataIsRefusedWithBothFingerprints() throws IOException {
        RunConfig config = withOwnText();
        zero.config = config;
        one.config = config;
        zero.attention = run -> {
            try {
                String more = Files.readAllLines(TinyRun.TEXT).get(0) + "\n";
                Files.writeString(folder.resolve("text.jsonl"), more, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return AttentionResolver.fixedRule().choose(run);
        };
        Ends ends = runBoth();
        requireMistake(ends.zero, "data: ");
        String message = String.valueOf(((Exception) ends.zero).getMessage());
        assertThat(message)
                .matches(
                        "data: its fingerprint is ([0-9a-f]{64}) in process 0, but (?!\\1)[0-9a-f]{64} in process 1; .*");
        requireMistakeOfOther(ends.one, message);
    }

    /** As on nodes whose caches are disks of their own. */
    @Test
    @DisabledOnOs(OS.WINDOWS) // A mapped file cannot be moved there.
    void aProcessThatDoesNotFindThePackedDataPacksItsOwn() throws IOException {
        RunConfig config = withOwnText();
        TinyRun.Heard plain = TinyRun.train(config, folder.resolve("plain"), 2);
        zero.config = config;
        one.config = config;
        Path cache = folder.resolve("cache");
        zero.attention = run -> {
            try {
                Files.move(cache, folder.resolve("cache-of-process-0"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return AttentionResolver.fixedRule().choose(run);
        };
        Ends ends = runBoth();
        assertThat(ends.summaryOfZero().finished()).isTrue();
        assertThat(zero.heard.losses()).isEqualTo(plain.losses());
        assertThat(cache).isDirectory();
    }

    /** A group that fails a rank at one of its sums of host numbers, of which every step has a few. */
    private static ProcessGroup failing(ProcessGroup group, int call, RuntimeException cause) {
        AtomicInteger calls = new AtomicInteger();
        return (ProcessGroup) Proxy.newProxyInstance(
                ProcessGroup.class.getClassLoader(),
                new Class<?>[] {ProcessGroup.class},
                (proxy, method, arguments) -> {
                    boolean numbers = method.getName().equals("allReduce") && arguments[0] instanceof double[];
                    if (numbers && calls.incrementAndGet() == call) {
                        throw cause;
                    }
                    try {
                        return method.invoke(group, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    @Test
    void aRankThatFailsEndsTheOtherProcess() {
        InputException cause = new InputException(InputException.Kind.ENVIRONMENT, "no such disk");
        one.seen = group -> failing(group, 20, cause);
        Ends ends = runBoth();
        assertThat(ends.one).isSameAs(cause);
        assertThat((Exception) ends.zero)
                .isInstanceOf(CollectiveException.class)
                .message()
                .containsPattern("process 1 \\(127.0.0.1:\\d+\\): rank 1 failed: .*no such disk");
        assertThat(zero.heard.steps).isNotEmpty();
        assertThat(new RunFolder(zero.run).summary()).doesNotExist();
    }

    @Test
    void processZeroThatFailsEndsTheOthers() {
        IllegalStateException cause = new IllegalStateException("the listener's disk is full");
        zero.heard = new TinyRun.Heard(step -> {
            if (step == 3) {
                throw cause;
            }
        });
        Ends ends = runBoth();
        assertThat(ends.zero).isSameAs(cause);
        assertThat((Exception) ends.one)
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("process 0: rank 0 failed", "the listener's disk is full");
    }

    /** Nobody asks for failures while text is packed or a checkpoint is read; process 0 is held there. */
    @Test
    void aFailureEndsAProcessThatIsBusy() {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        zero.attention = run -> {
            busy.countDown();
            await(never);
            return AttentionResolver.fixedRule().choose(run);
        };
        one.heard = new TinyRun.Heard(step -> {}) {
            @Override
            public void message(String text) {
                if (text.contains("has joined")) {
                    await(busy);
                    throw new IllegalStateException("the terminal has gone");
                }
            }
        };
        Ends ends = runBoth();
        assertThat((Exception) ends.one).isInstanceOf(IllegalStateException.class);
        assertThat((Exception) ends.zero)
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("process 1 (127.0.0.1:", "the terminal has gone");
        // What is left behind writes nothing more, and gives the folder back.
        never.countDown();
        while (Files.exists(zero.run.resolve("run.lock.owner"))) {
            Thread.onSpinWait();
        }
        assertThat(new RunFolder(zero.run).config()).doesNotExist();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whatProcessZeroRefusesIsRefusedByAll() throws IOException {
        runBoth();
        meetAgain();
        zero.resume = Resume.never();
        Ends ends = runBoth();
        requireMistake(ends.zero, "already has checkpoints");
        requireMistakeOfOther(ends.one, "process 0: ", "already has checkpoints");
    }

    @Test
    void theRanksOfAllProcessesMustDivideTheRun() {
        zero.config = config("train.globalBatch=6");
        one.config = zero.config;
        Ends ends = runBoth();
        String[] remedy = {"in a world of 2 ranks, from 2 processes", "train.globalBatch 6 makes 3 micro-batches"};
        requireMistake(ends.zero, remedy);
        requireMistake(ends.one, remedy);
        assertThat(zero.run).doesNotExist();
    }
}
