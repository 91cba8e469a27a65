package io.github.gptmoe.core.kernel;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What the system keeps of a file in memory; for measurements, which must know whether a disk was read. Linux only. */
public final class PageCache {
    private static final int DONT_NEED = 4; // POSIX_FADV_DONTNEED
    private static final int READ_ONLY = 0; // O_RDONLY
    private static final int PAGE_SIZE = 30; // _SC_PAGESIZE
    private static final long WINDOW = 1L << 30;

    private PageCache() {}

    private static final class Library {
        static final @Nullable NativeLibrary LIBC = Platform.isLinux() ? NativeLibrary.getProcess() : null;

        static @Nullable Function find(String name) {
            try {
                return LIBC == null ? null : LIBC.getFunction(name);
            } catch (UnsatisfiedLinkError missing) {
                return null;
            }
        }
    }

    /**
     * Asks the system to forget what it holds of a file. It needs no privilege, but the file's bytes must be on the disk,
     * and the system may keep what other programs use; {@link #residentShare} tells. A hypervisor's cache is not reached.
     *
     * @param file an existing file
     * @return whether the system took the request
     */
    public static boolean drop(Path file) {
        Function open = Library.find("open");
        Function advise = Library.find("posix_fadvise");
        Function close = Library.find("close");
        if (open == null || advise == null || close == null) {
            return false;
        }
        int descriptor = open.invokeInt(new Object[] {file.toString(), READ_ONLY});
        if (descriptor < 0) {
            return false;
        }
        try {
            return advise.invokeInt(new Object[] {descriptor, 0L, 0L, DONT_NEED}) == 0;
        } finally {
            close.invokeInt(new Object[] {descriptor});
        }
    }

    /**
     * How much of a file is in memory.
     *
     * @param file an existing file
     * @return between 0 and 1, 1 for an empty file; nothing where the system does not tell
     * @throws IOException if the file cannot be read
     */
    public static OptionalDouble residentShare(Path file) throws IOException {
        Function mincore = Library.find("mincore");
        Function sysconf = Library.find("sysconf");
        if (mincore == null || sysconf == null) {
            return OptionalDouble.empty();
        }
        long page = sysconf.invokeLong(new Object[] {PAGE_SIZE});
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long pages = 0;
            long resident = 0;
            for (long begin = 0; begin < channel.size(); begin += WINDOW) {
                long bytes = Math.min(WINDOW, channel.size() - begin);
                MappedByteBuffer window = channel.map(FileChannel.MapMode.READ_ONLY, begin, bytes);
                Pointer address = Native.getDirectBufferPointer(window);
                long count = (bytes + page - 1) / page;
                try (Memory flags = new Memory(count)) {
                    flags.clear();
                    if (mincore.invokeInt(new Object[] {address, bytes, flags}) != 0) {
                        return OptionalDouble.empty();
                    }
                    for (byte flag : flags.getByteArray(0, (int) count)) {
                        resident += flag & 1;
                    }
                }
                pages += count;
            }
            return OptionalDouble.of(pages == 0 ? 1 : (double) resident / pages);
        }
    }
}
