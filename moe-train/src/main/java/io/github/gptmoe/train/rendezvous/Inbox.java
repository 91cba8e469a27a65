package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.train.collective.FirstFailure;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What other processes have said and nobody has asked for yet, at most one thing each. Waiting has no deadline of its own: it
 * ends when the other speaks, leaves, or anything fails, and who neither speaks nor lives is a failure.
 */
final class Inbox {
    private final FirstFailure failure;
    private final Map<Integer, byte[]> bodies = new HashMap<>();
    private final Set<Integer> gone = new HashSet<>();

    Inbox(FirstFailure failure) {
        this.failure = failure;
        failure.onFailure(cause -> wake());
    }

    private synchronized void wake() {
        notifyAll();
    }

    synchronized void put(int process, byte[] body) throws WireException {
        if (bodies.putIfAbsent(process, body) != null) {
            throw new WireException("it spoke twice before it was answered");
        }
        notifyAll();
    }

    /** The process has left in good order, and will not speak again. */
    synchronized void leave(int process) {
        gone.add(process);
        notifyAll();
    }

    /** Waits for what a process says. */
    synchronized byte[] take(int process) {
        try {
            while (!bodies.containsKey(process)) {
                failure.check();
                if (gone.contains(process)) {
                    throw failure.set("process " + process + " has left while others wait for it", null);
                }
                wait();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failure.set("interrupted while waiting for process " + process, interrupted);
        }
        return bodies.remove(process);
    }
}
