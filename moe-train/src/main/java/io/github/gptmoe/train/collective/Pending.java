package io.github.gptmoe.train.collective;

/** An operation under way. */
@FunctionalInterface
public interface Pending {
    /**
     * Makes what is computed from now on wait for the operation. The host itself waits only where the group works on the host.
     *
     * @throws CollectiveException if the group has failed
     */
    void finish();
}
