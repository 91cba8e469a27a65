package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Packs a file so slowly that there is time to kill the process. */
final class SlowPacking {
    private SlowPacking() {}

    /** A millisecond for each document. */
    private record SlowTokenizer(CharTokenizer characters) implements WrappedTokenizer {
        @Override
        public int[] encode(String text) {
            LockSupport.parkNanos(1_000_000);
            return characters.encode(text);
        }
    }

    public static void main(String[] args) {
        PackConfig config = PackTests.config(PackTests.source("rows", null, null, Path.of(args[0])));
        PackTests.pack(config, Path.of(args[1]), new SlowTokenizer(new CharTokenizer(1 << 16)), PackTests.SILENT, 2);
    }
}
