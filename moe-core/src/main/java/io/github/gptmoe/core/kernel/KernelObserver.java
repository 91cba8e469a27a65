package io.github.gptmoe.core.kernel;

/** Is told of every kernel call, for profiles. Called on the thread that made the call. */
@FunctionalInterface
public interface KernelObserver {
    /**
     * A call has returned. On a CPU the time is that of the computation; on a GPU it is that of the launch.
     *
     * @param kernel name of the kernel, as in the sources
     * @param nanos time from call to return
     */
    void called(String kernel, long nanos);
}
