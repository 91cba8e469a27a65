package io.github.gptmoe.data;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Threads that use what is closed after them. */
public final class WorkerThreads {
    private WorkerThreads() {}

    /**
     * Begins nothing more, interrupts what runs, and returns once it has ended, whoever interrupts the caller meanwhile.
     *
     * @param threads to be ended
     */
    public static void end(ExecutorService threads) {
        threads.shutdownNow();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
