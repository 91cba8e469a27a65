package io.github.gptmoe.train.checkpoint;

import java.nio.file.Path;

/** A process that saves without end, to be killed: prints a line when it holds the lock and after each save. */
final class SaveLoop {
    private SaveLoop() {}

    public static void main(String[] arguments) throws Exception {
        Checkpoints.silenceLog();
        Path run = Path.of(arguments[0]);
        try (RunLock lock = RunLock.acquire(run)) {
            System.out.println("locked");
            CheckpointStore store = new CheckpointStore(run.resolve("checkpoints"), 2);
            long step = store.newestValid(warning -> System.out.println("damaged " + warning))
                    .map(found -> found.manifest().state().step())
                    .orElse(0L);
            while (lock != null) {
                // Every other save repeats a step, so that kills also meet replacements.
                step++;
                Checkpoints.save(store, step, 1);
                Checkpoints.save(store, step, 2);
                System.out.println("saved " + step);
            }
        }
    }
}
