package io.github.gptmoe.train.checkpoint;

import static io.github.gptmoe.train.checkpoint.Checkpoints.names;
import static io.github.gptmoe.train.checkpoint.Checkpoints.newest;
import static io.github.gptmoe.train.checkpoint.Checkpoints.save;
import static io.github.gptmoe.train.checkpoint.Checkpoints.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stops a save after each of its steps, in three ways, and looks at what a resume finds. */
class CheckpointCrashTest {
    @TempDir(factory = MemoryFolder.class)
    Path temporary;

    @BeforeAll
    static void silenceLog() {
        Checkpoints.silenceLog();
    }

    @AfterAll
    static void restoreLog() {
        Checkpoints.restoreLog();
    }

    private enum Scenario {
        FIRST_SAVE(new long[] {}, 100),
        SECOND_SAVE(new long[] {100}, 200),
        SAVE_AND_PURGE(new long[] {100, 200}, 300),
        REPLACE_THE_ONLY_ONE(new long[] {100}, 100),
        REPLACE_THE_NEWEST(new long[] {100, 200}, 200),
        REPLACE_BY_SEVERAL_FILES(new long[] {100}, 100, 4_096);

        private final long[] before;
        private final long step;
        private final long shardBytes;

        Scenario(long[] before, long step) {
            this(before, step, CheckpointStore.USUAL_SHARD_BYTES);
        }

        Scenario(long[] before, long step, long shardBytes) {
            this.before = before;
            this.step = step;
            this.shardBytes = shardBytes;
        }
    }

    /** Not an Exception, so that no code of the save runs after it: as after kill -9. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void survivesAKillAtEveryPoint(Scenario scenario) throws IOException {
        int points = countPoints(scenario);
        assertThat(points).isGreaterThanOrEqualTo(12);
        for (int stopAt = 0; stopAt < points; stopAt++) {
            Path folder = prepared(scenario, "kill-" + stopAt);
            Counter counter = new Counter(stopAt);
            assertThatExceptionOfType(Crash.class)
                    .isThrownBy(() -> save(store(folder, scenario.shardBytes, counter), scenario.step, 2));
            checkResume(scenario, folder, counter);
        }
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void survivesAPowerCutAtEveryPoint(Scenario scenario) throws IOException {
        int points = countPoints(scenario);
        for (int stopAt = 0; stopAt < points; stopAt++) {
            Path folder = prepared(scenario, "power-" + stopAt);
            Counter counter = new Counter(stopAt);
            assertThatExceptionOfType(Crash.class)
                    .isThrownBy(() -> save(store(folder, scenario.shardBytes, counter), scenario.step, 2));
            loseWhatWasNotSynced(folder, counter, new Random(stopAt));
            checkResume(scenario, folder, counter);
        }
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void survivesAnInputOutputErrorAtEveryPoint(Scenario scenario) throws IOException {
        int points = countPoints(scenario);
        for (int stopAt = 0; stopAt < points; stopAt++) {
            Path folder = prepared(scenario, "error-" + stopAt);
            Counter counter = new Counter(stopAt) {
                @Override
                void stop() throws IOException {
                    throw new IOException("Input/output error");
                }
            };
            try {
                save(store(folder, scenario.shardBytes, counter), scenario.step, 2);
                assertThat(counter.last).isIn(SavePoint.MOVED_TO_TRASH, SavePoint.TRASH_FILE_DELETED);
            } catch (CheckpointException failed) {
                assertThat(failed.trainingMayContinue()).isTrue();
                assertThat(failed)
                        .hasMessageContaining(String.format("step-%08d", scenario.step))
                        .hasMessageContaining("Input/output error");
                assertThat(counter.last).isLessThanOrEqualTo(SavePoint.PARENT_SYNCED);
            }
            assertThat(names(folder)).noneMatch(name -> name.contains(".tmp-") || name.contains(".writer-"));
            checkResume(scenario, folder, counter);
        }
    }

    /** A resume finds the old or the new checkpoint, whole; the save that follows leaves a tidy folder. */
    private static void checkResume(Scenario scenario, Path folder, Counter counter) throws IOException {
        String when = scenario + " stopped at " + counter.stopAt + " " + counter.last;
        boolean published = counter.last.compareTo(SavePoint.RENAMED) >= 0;
        Optional<Checkpoint> found = store(folder)
                .newestValid(warning -> assertThat(warning).as(when).contains(".replaced-"));
        if (scenario.before.length > 0 || published && !counter.renameLost) {
            assertThat(found).as(when).isPresent();
        }
        if (found.isPresent()) {
            Checkpoints.assertIntact(found.get());
            TrainingState state = found.get().manifest().state();
            if (published && !counter.renameLost) {
                assertThat(List.of(state.step(), state.tokens())).as(when).isEqualTo(List.of(scenario.step, 2L));
            } else {
                long newestBefore = scenario.before[scenario.before.length - 1];
                assertThat(List.of(state.step(), state.tokens())).as(when).isEqualTo(List.of(newestBefore, 1L));
            }
        }
        long next = scenario.step + 100;
        save(store(folder), next, 3);
        assertThat(names(folder))
                .as(when)
                .allMatch(name -> name.matches("step-\\d{8}"))
                .hasSizeLessThanOrEqualTo(2);
        assertThat(newest(folder).manifest().state().step()).as(when).isEqualTo(next);
        if (found.isPresent()) {
            // What a resume used is still there: sweeping up must not have cost the run its second checkpoint.
            assertThat(store(folder).list())
                    .as(when)
                    .hasSize(2)
                    .contains(folder.resolve(String.format(
                            "step-%08d", found.get().manifest().state().step())));
        }
        for (Path path : store(folder).list()) {
            store(folder).verify(path);
        }
    }

    private Path prepared(Scenario scenario, String name) {
        Path folder = temporary.resolve(scenario + "-" + name);
        CheckpointStore store = store(folder);
        for (long step : scenario.before) {
            save(store, step, 1);
        }
        return folder;
    }

    private int countPoints(Scenario scenario) {
        Counter counter = new Counter(Integer.MAX_VALUE);
        save(store(prepared(scenario, "count"), scenario.shardBytes, counter), scenario.step, 2);
        return counter.count;
    }

    /** What the disk may look like after a power cut: unsynced files are short or gone, unsynced renames undone. */
    private static void loseWhatWasNotSynced(Path folder, Counter counter, Random random) throws IOException {
        for (Path path : List.copyOf(counter.touched)) {
            if (Files.isRegularFile(path) && !counter.synced.contains(path)) {
                if (random.nextBoolean()) {
                    Files.delete(path);
                } else {
                    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                        channel.truncate(channel.size() * random.nextInt(4) / 4);
                    }
                }
            }
        }
        if (counter.last == SavePoint.RENAMED && random.nextBoolean()) {
            String name = counter.lastPath.getFileName().toString();
            Files.move(counter.lastPath, folder.resolve(name + ".tmp-10ca1"));
            counter.renameLost = true;
        }
    }

    /** Counts the points of a save, remembers what was synced, and stops at the chosen one. */
    private static class Counter implements SaveObserver {
        private final int stopAt;
        private final Set<Path> touched = new HashSet<>();
        private final Set<Path> synced = new HashSet<>();
        private int count;
        private SavePoint last = SavePoint.FOLDER_CREATED;
        private Path lastPath = Path.of("");
        private boolean renameLost;

        Counter(int stopAt) {
            this.stopAt = stopAt;
        }

        @Override
        public void reached(SavePoint point, Path path) throws IOException {
            switch (point) {
                case CHUNK_WRITTEN, MANIFEST_WRITTEN -> touched.add(path);
                case FILE_SYNCED, MANIFEST_SYNCED -> synced.add(path);
                default -> {}
            }
            last = count <= stopAt ? point : last;
            lastPath = path;
            if (count++ == stopAt) {
                stop();
            }
        }

        void stop() throws IOException {
            throw new Crash();
        }
    }
}
