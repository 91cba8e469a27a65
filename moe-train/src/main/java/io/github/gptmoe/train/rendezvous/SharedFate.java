package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.train.collective.FirstFailure;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Work that ends when another process fails, whatever it is doing: packing text and reading a checkpoint take minutes in which
 * nobody asks for failures. It gets a little time to notice and to clean up; then it is left behind in its thread, which does
 * not keep the process alive.
 */
final class SharedFate {
    /** With the silence after which a process counts as dead, all have ended within 10 seconds. */
    private static final Duration GRACE = Duration.ofMillis(1500);

    private final FirstFailure failure;

    SharedFate(FirstFailure failure) {
        this.failure = failure;
    }

    /** Runs the work and tells the others if it fails; what it throws itself comes before what others failed of. */
    <R> R run(Supplier<R> work) {
        CountDownLatch over = new CountDownLatch(1);
        FutureTask<R> running = new FutureTask<>(() -> {
            try {
                return work.get();
            } catch (RuntimeException | Error thrown) {
                failure.set(text(thrown), thrown);
                throw thrown;
            } finally {
                over.countDown();
            }
        });
        Spoke.daemon("process", running).start();
        failure.onFailure(cause -> over.countDown());
        try {
            over.await();
            return failure.get().isEmpty()
                    ? running.get() // It has ended, all but its last instructions.
                    : running.get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException busy) {
            failure.check();
            throw new IllegalStateException("nothing failed, and nothing ended", busy);
        } catch (ExecutionException thrown) {
            throw unchecked(thrown);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failure.set("this process was interrupted", interrupted);
        }
    }

    private static String text(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? thrown.toString() : message;
    }

    private static RuntimeException unchecked(ExecutionException thrown) {
        if (thrown.getCause() instanceof RuntimeException cause) {
            return cause;
        }
        if (thrown.getCause() instanceof Error cause) {
            throw cause;
        }
        return new IllegalStateException(thrown);
    }
}
