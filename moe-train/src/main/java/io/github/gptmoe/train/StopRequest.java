package io.github.gptmoe.train;

/** Asks a run to stop at the next step boundary, from any thread. */
public final class StopRequest {
    private volatile boolean requested;

    /** Creates a request that nobody has made yet. */
    public StopRequest() {}

    /** Asks for the stop. */
    public void request() {
        requested = true;
    }

    /**
     * Tells whether the stop was asked for.
     *
     * @return true from the first {@link #request} on
     */
    public boolean requested() {
        return requested;
    }
}
