package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limit is against tests that hang; nothing is timed. */
@Timeout(60)
class PrefetchingBatchesTest {
    private static final BatchSchedule SCHEDULE = new BatchSchedule(10, 2, 0, 1);

    @TempDir
    Path folder;

    @AfterEach
    void noThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals(PrefetchingBatches.THREAD_NAME));
    }

    private static TokenBatch made(long sample, int sequences) {
        return new TokenBatch(sample, sequences, 1, new long[sequences], new long[sequences]);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 4", "2, 3", "5, 2", "3, 16"})
    void batchesAreThoseOfTheSource(int threads, int prefetch) throws Exception {
        TestFiles.write(folder, "a.txt", TestFiles.lines(60));
        try (TokenCorpus corpus = CorpusPacker.pack(TestFiles.config(folder, "a.txt"), new CharTokenizer(1 << 16))) {
            BatchSource source = new BatchSource(corpus.train(), 16, 42);
            BatchSchedule schedule = new BatchSchedule(3, 2, 1, 2);
            try (BatchLoader loader = new PrefetchingBatches(source::batch, schedule, threads, prefetch)) {
                for (int request = 0; request < 3 * source.samplesPerEpoch() / 4; request++) {
                    TokenBatch expected = source.batch(schedule.sample(request), 2);
                    TokenBatch batch = loader.batch(schedule.sample(request), 2);
                    assertThat(batch.firstSample()).isEqualTo(expected.firstSample());
                    assertThat(batch.inputs()).isEqualTo(expected.inputs());
                    assertThat(batch.targets()).isEqualTo(expected.targets());
                }
            }
        }
    }

    @Test
    void orderIsKeptWhereALaterBatchIsReadyFirst() {
        CountDownLatch secondIsReady = new CountDownLatch(1);
        BatchLoader.Source source = (sample, sequences) -> {
            if (sample == 10) {
                await(secondIsReady);
            } else if (sample == 12) {
                secondIsReady.countDown();
            }
            return made(sample, sequences);
        };
        try (BatchLoader loader = new PrefetchingBatches(source, SCHEDULE, 2, 4)) {
            for (long sample = 10; sample < 20; sample += 2) {
                assertThat(loader.batch(sample, 2).firstSample()).isEqualTo(sample);
            }
        }
    }

    @Test
    void readsAheadAsFarAsItMayAndNoFurther() {
        AtomicLong begun = new AtomicLong();
        AtomicLong most = new AtomicLong();
        AtomicInteger taken = new AtomicInteger();
        CountDownLatch threeBegun = new CountDownLatch(3);
        BatchLoader.Source source = (sample, sequences) -> {
            most.accumulateAndGet(begun.incrementAndGet() - taken.get(), Math::max);
            threeBegun.countDown();
            return made(sample, sequences);
        };
        try (BatchLoader loader = new PrefetchingBatches(source, SCHEDULE, 2, 3)) {
            await(threeBegun); // nothing was asked for yet
            for (int i = 0; i < 200; i++) {
                // The one that is handed out makes room for another before the caller has it.
                taken.incrementAndGet();
                loader.batch(10 + 2 * i, 2);
            }
        }
        assertThat(most).hasValue(3);
    }

    @Test
    void aFailureComesOutWhereItsBatchWouldAndStays() {
        InputException broken = InputException.environment("train-00000.bin, byte 42: damaged");
        BatchLoader.Source source = (sample, sequences) -> {
            if (sample == 14) {
                throw broken;
            }
            return made(sample, sequences);
        };
        try (BatchLoader loader = new PrefetchingBatches(source, SCHEDULE, 2, 4)) {
            loader.batch(10, 2);
            loader.batch(12, 2);
            assertThatThrownBy(() -> loader.batch(14, 2)).isSameAs(broken);
            assertThatThrownBy(() -> loader.batch(14, 2)).isSameAs(broken);
            assertThatThrownBy(() -> loader.batch(16, 2)).isSameAs(broken);
        }
    }

    @Test
    void errorsPassThroughToo() {
        BatchLoader.Source source = (sample, sequences) -> {
            throw new OutOfMemoryError("as if");
        };
        try (BatchLoader loader = new PrefetchingBatches(source, SCHEDULE, 1, 1)) {
            assertThatThrownBy(() -> loader.batch(10, 2))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessage("as if");
        }
    }

    @Test
    void whatIsNotInTheScheduleIsRefusedAndChangesNothing() {
        try (BatchLoader loader = new PrefetchingBatches(PrefetchingBatchesTest::made, SCHEDULE, 1, 2)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> loader.batch(12, 2))
                    .withMessageContaining("from 12")
                    .withMessageContaining("from 10");
            assertThatIllegalStateException().isThrownBy(() -> loader.batch(10, 1));
            assertThat(loader.batch(10, 2).firstSample()).isEqualTo(10);
        }
    }

    @Test
    void closingWaitsForAThreadInTheSourceAndEndsIt() {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        AtomicBoolean left = new AtomicBoolean();
        BatchLoader loader = new PrefetchingBatches(
                (sample, sequences) -> {
                    inside.countDown();
                    try {
                        await(never);
                        return made(sample, sequences);
                    } finally {
                        left.set(true);
                    }
                },
                SCHEDULE,
                1,
                2);
        await(inside);
        loader.close();
        loader.close();
        assertThat(left).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> loader.batch(10, 2)).withMessageContaining("closed");
    }

    @Test
    void anInterruptedCallerIsTold() {
        CountDownLatch never = new CountDownLatch(1);
        try (BatchLoader loader = new PrefetchingBatches(
                (sample, sequences) -> {
                    await(never);
                    return made(sample, sequences);
                },
                SCHEDULE,
                1,
                1)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> loader.batch(10, 2)).isInstanceOf(CancellationException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void withoutThreadsBatchesAreMadeByTheCaller() {
        DataConfig config = new DataConfig(null, null, null, null, null, null, 0, null, null, null, null);
        Thread caller = Thread.currentThread();
        BatchLoader.Source source = (sample, sequences) -> {
            assertThat(Thread.currentThread()).isSameAs(caller);
            return made(sample, sequences);
        };
        try (BatchLoader loader = BatchLoader.of(config, source, SCHEDULE)) {
            assertThat(loader.batch(77, 5).firstSample()).isEqualTo(77);
        }
    }
}
