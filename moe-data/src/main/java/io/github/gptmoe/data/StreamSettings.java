package io.github.gptmoe.data;

/**
 * How a corpus is streamed. The first two decide the order of the samples, the others only cost.
 *
 * @param blockBytes text that is read in one go
 * @param blocksPerGroup blocks, from anywhere in the corpus, whose windows are shuffled among each other
 * @param heldTokens tokens of groups that are kept
 * @param threads that tokenise; 0 leaves it to the thread that asks
 */
record StreamSettings(int blockBytes, int blocksPerGroup, long heldTokens, int threads) {
    private static final int BLOCK_BYTES = 1 << 16;
    private static final int BLOCKS_PER_GROUP = 16;
    private static final long HELD_TOKENS = 8L << 20;

    StreamSettings {
        if (blockBytes < 1 || blocksPerGroup < 1 || heldTokens < 1 || threads < 0) {
            throw new IllegalArgumentException(blocksPerGroup + " blocks of " + blockBytes + " bytes, " + heldTokens
                    + " tokens, " + threads + " threads");
        }
    }

    static StreamSettings of(DataConfig config) {
        return new StreamSettings(BLOCK_BYTES, BLOCKS_PER_GROUP, HELD_TOKENS, config.loaderThreads());
    }
}
