package io.github.gptmoe.data;

/** How to pack; {@code threads} never changes the result, {@code maxShardBytes} only where files are divided. */
record PackSettings(int threads, long maxShardBytes) {
    private static final int MOST_THREADS = 16;
    private static final long SHARD_BYTES = 1L << 30;

    PackSettings {
        if (threads < 1 || maxShardBytes < Integer.BYTES || maxShardBytes > SHARD_BYTES) {
            throw new IllegalArgumentException(threads + " threads, shards of " + maxShardBytes + " bytes");
        }
    }

    static PackSettings ofMachine() {
        int processors = Runtime.getRuntime().availableProcessors();
        // Two at least: while one is on a long document the other goes on, and the reader itself hardly computes.
        return new PackSettings(Math.max(2, Math.min(MOST_THREADS, processors)), SHARD_BYTES);
    }
}
