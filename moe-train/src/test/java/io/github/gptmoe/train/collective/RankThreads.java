package io.github.gptmoe.train.collective;

import io.github.gptmoe.core.kernel.KernelModule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Runs a body in one thread for each rank. */
public final class RankThreads {
    public interface Body {
        void run(ProcessGroup group) throws Exception;
    }

    private RankThreads() {}

    /** What each rank threw, null where it ended well. */
    public static List<@Nullable Throwable> run(List<ProcessGroup> groups, Body body) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(groups.size());
        try {
            List<Future<?>> running = new ArrayList<>();
            for (ProcessGroup group : groups) {
                running.add(threads.submit(() -> {
                    KernelModule.enter();
                    body.run(group);
                    return null;
                }));
            }
            List<@Nullable Throwable> thrown = new ArrayList<>();
            for (Future<?> each : running) {
                try {
                    each.get();
                    thrown.add(null);
                } catch (ExecutionException failed) {
                    thrown.add(failed.getCause());
                }
            }
            return thrown;
        } finally {
            threads.shutdownNow();
        }
    }
}
