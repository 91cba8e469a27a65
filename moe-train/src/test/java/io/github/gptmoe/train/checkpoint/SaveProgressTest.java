package io.github.gptmoe.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.sharding.GatheredTensors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever waits for a save hears that it goes on, also when all tensors are written. */
class SaveProgressTest {
    private static final String PROGRESS = "progress";
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final long SLOW_MILLIS = 300;

    @TempDir
    Path folder;

    private List<String> eventsOfASave(long step) {
        List<String> events = new ArrayList<>();
        CheckpointStore store = Checkpoints.store(folder, (point, path) -> events.add(point.name()));
        store.save(Checkpoints.description(step, 1), Checkpoints.parts(step, 1), () -> events.add(PROGRESS));
        return events;
    }

    @Test
    void readingBackAndPurgingReport() {
        List<String> first = eventsOfASave(1);
        // Two MiB of weights and one of the optimizer's state are read back.
        int synced = first.indexOf("FOLDER_SYNCED");
        assertThat(first.subList(synced, first.indexOf("VERIFIED")))
                .containsExactly("FOLDER_SYNCED", PROGRESS, PROGRESS, PROGRESS, PROGRESS);
        assertThat(first.subList(first.indexOf("PARENT_SYNCED"), first.size()))
                .containsExactly("PARENT_SYNCED", PROGRESS);
        eventsOfASave(2);
        // A new store does not know the older ones: it reads step 2, and deletes the three files of step 1.
        List<String> third = eventsOfASave(3);
        assertThat(third.subList(third.indexOf("PARENT_SYNCED"), third.size()))
                .containsExactly(
                        "PARENT_SYNCED",
                        PROGRESS,
                        PROGRESS,
                        PROGRESS,
                        PROGRESS,
                        "MOVED_TO_TRASH",
                        PROGRESS,
                        "TRASH_FILE_DELETED",
                        PROGRESS,
                        "TRASH_FILE_DELETED",
                        PROGRESS,
                        "TRASH_FILE_DELETED",
                        PROGRESS);
    }

    @Test
    void whatProgressThrowsEndsTheSaveAndLeavesNothing() {
        CheckpointStore store = Checkpoints.store(folder);
        assertThatThrownBy(() -> store.save(Checkpoints.description(1, 1), Checkpoints.parts(1, 1), () -> {
                    throw new IllegalStateException("the others have gone");
                }))
                .hasMessage("the others have gone");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void ranksWaitForASlowSaveLongerThanTheirLimit() {
        assertThat(millisOfASaveOfTwoRanks()).isGreaterThan(LIMIT.toMillis());
    }

    private long millisOfASaveOfTwoRanks() {
        List<ProcessGroup> groups = InProcessGroup.of(2, LIMIT);
        return Ranks.run(
                2,
                rank -> {
                    KernelModule.enter();
                    try (NDManager owner = NDManager.newBaseManager()) {
                        GatheredTensors tensors = GatheredTensors.of(owner, groups.get(rank), List.of());
                        if (rank > 0) {
                            assertThat(tensors.serve()).isTrue();
                            return 0L;
                        }
                        try (tensors) {
                            int[] calls = {0};
                            Checkpoints.store(folder)
                                    .save(Checkpoints.description(1, 1), Checkpoints.parts(1, 1), () -> {
                                        calls[0]++;
                                        sleep();
                                        tensors.stillWriting();
                                    });
                            tensors.succeeded();
                            return calls[0] * SLOW_MILLIS;
                        }
                    }
                },
                (rank, cause) -> groups.get(rank).fail(cause),
                stacks -> {});
    }

    private static void sleep() {
        try {
            Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
