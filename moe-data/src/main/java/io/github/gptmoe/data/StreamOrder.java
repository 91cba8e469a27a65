package io.github.gptmoe.data;

import java.util.stream.LongStream;

/**
 * The order in which a streamed corpus is read: every epoch all blocks, each once, in an order of its own; a number of them that
 * follow each other in that order are a group. Groups are counted over all epochs; the last of an epoch may have fewer blocks.
 *
 * @param seed equal seeds give equal orders
 * @param blocks of the corpus, at least 1
 * @param blocksPerGroup at least 1
 */
record StreamOrder(long seed, long blocks, int blocksPerGroup) {
    /** Groups of an epoch. */
    long groupsPerEpoch() {
        return (blocks + blocksPerGroup - 1) / blocksPerGroup;
    }

    /** The numbers of the blocks of a group, in the order in which their documents follow each other. */
    long[] blocksOf(long group) {
        long epoch = group / groupsPerEpoch();
        long first = group % groupsPerEpoch() * blocksPerGroup;
        SampleOrder order = new SampleOrder(seed, blocks);
        return LongStream.range(first, Math.min(blocks, first + blocksPerGroup))
                .map(position -> order.index(epoch, position))
                .toArray();
    }
}
