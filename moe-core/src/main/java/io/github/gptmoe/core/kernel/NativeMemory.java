package io.github.gptmoe.core.kernel;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.jspecify.annotations.Nullable;

/** The C library's allocator, which all arrays on a CPU come from. */
public final class NativeMemory {
    private NativeMemory() {}

    private static final class Library {
        static final @Nullable Function TRIM = find();

        private static @Nullable Function find() {
            if (!Platform.isLinux()) {
                return null;
            }
            try {
                return NativeLibrary.getProcess().getFunction("malloc_trim");
            } catch (UnsatisfiedLinkError otherLibrary) {
                return null; // musl has none, and keeps little
            }
        }
    }

    /**
     * Gives memory of freed arrays back to the system, whatever the environment told the allocator to keep. For the end of a
     * phase that needed other memory than what follows: in a training step it would cost page faults.
     *
     * @return whether anything was given back; false where the C library is not glibc
     */
    public static boolean trim() {
        Function trim = Library.TRIM;
        return trim != null && trim.invokeInt(new Object[] {0L}) != 0;
    }
}
