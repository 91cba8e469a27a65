package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The training documents of a source, epoch after epoch without end. Epoch e goes through all of them once, in an order that is a
 * permutation keyed by the seed, the source's name and e: nothing of one epoch's order carries over into the next.
 */
final class SourceOrder {
    private final SourceTokens source;
    private final SampleOrder order;
    private long epoch;
    private long position;

    /** The source must have a training document. */
    SourceOrder(String name, SourceTokens source, long seed) {
        if (source.train().documents() < 1) {
            throw new IllegalArgumentException(name + " has no training documents");
        }
        this.source = source;
        // Another name is another order: sources with equal numbers of documents are not shuffled alike.
        this.order = new SampleOrder(Hashes.mix(seed) ^ Hashes.hash64(name.getBytes(UTF_8)), source.documents());
    }

    /** The number of the next document. */
    long next() {
        while (true) {
            if (position == order.count()) {
                position = 0;
                epoch++;
            }
            long document = order.index(epoch, position++);
            // The permutation has held-out documents too, which need no table this way.
            if (!source.inValidation(document)) {
                return document;
            }
        }
    }
}
