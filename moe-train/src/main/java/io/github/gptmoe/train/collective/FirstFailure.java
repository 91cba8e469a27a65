package io.github.gptmoe.train.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Why ranks that belong together cannot go on: the first cause, which all of them are told. Safe for several threads. */
public final class FirstFailure {
    private final List<Consumer<CollectiveException>> listeners = new ArrayList<>();
    private volatile @Nullable CollectiveException first;

    /** Nothing has failed yet. */
    public FirstFailure() {}

    /**
     * Records a failure, unless there is one, and tells the listeners.
     *
     * @param message what failed, with the rank
     * @param cause what was seen underneath, or null
     * @return what the caller is to throw: the first failure, whichever that is
     */
    public CollectiveException set(String message, @Nullable Throwable cause) {
        List<Consumer<CollectiveException>> told;
        CollectiveException made;
        synchronized (listeners) {
            if (first != null) {
                return first.again();
            }
            made = cause == null ? new CollectiveException(message) : new CollectiveException(message, cause);
            first = made;
            told = List.copyOf(listeners);
        }
        // Outside the lock: a listener writes to the network.
        told.forEach(listener -> listener.accept(made));
        return made;
    }

    /**
     * The failure.
     *
     * @return empty while all is well
     */
    public Optional<CollectiveException> get() {
        return Optional.ofNullable(first);
    }

    /**
     * Throws the failure in the calling thread if there is one.
     *
     * @throws CollectiveException with the first cause
     */
    public void check() {
        CollectiveException failed = first;
        if (failed != null) {
            throw failed.again();
        }
    }

    /**
     * Asks to be told of the failure, at once if it has happened.
     *
     * @param listener called once, by the thread that failed; must not throw
     */
    public void onFailure(Consumer<CollectiveException> listener) {
        CollectiveException failed;
        synchronized (listeners) {
            failed = first;
            if (failed == null) {
                listeners.add(listener);
                return;
            }
        }
        listener.accept(failed);
    }
}
