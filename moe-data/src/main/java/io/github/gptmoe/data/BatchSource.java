package io.github.gptmoe.data;

import java.util.stream.LongStream;

/**
 * Cuts a token stream into batches. The stream is divided into N = floor((tokens - 1) / L) windows; window k gives the
 * inputs {@code [k L, k L + L)} and the targets one further. Sample g, counted over all epochs, is the window at position
 * g mod N of the shuffled order of epoch g / N, so a batch depends on its number alone and any batch can be made at any
 * time. Safe for several threads.
 */
public final class BatchSource {
    private final TokenStream stream;
    private final int length;
    private final SampleOrder order;

    /**
     * Divides a stream.
     *
     * @param stream the tokens; stay open as long as this source is used
     * @param sequenceLength L, at least 1
     * @param seed decides the shuffled order
     * @throws InputException if the stream is shorter than one sequence
     */
    public BatchSource(TokenStream stream, int sequenceLength, long seed) {
        if (sequenceLength < 1) {
            throw new IllegalArgumentException("sequence length " + sequenceLength);
        }
        requireSequence(stream, sequenceLength);
        this.stream = stream;
        this.length = sequenceLength;
        this.order = new SampleOrder(seed, (stream.tokens() - 1) / sequenceLength);
    }

    /** Fails if a stream is shorter than one sequence. */
    static void requireSequence(TokenStream stream, int sequenceLength) {
        if (stream.tokens() <= sequenceLength) {
            throw InputException.environment(stream.description() + " has only " + stream.tokens()
                    + " tokens, but one sequence needs " + (sequenceLength + 1L)
                    + "; add text or lower model.sequenceLength"
                    + (stream.name().equals(TokenShards.VALIDATION) ? ", or raise data.validationFraction" : ""));
        }
    }

    /**
     * Returns N.
     *
     * @return the number of samples of one epoch
     */
    public long samplesPerEpoch() {
        return order.count();
    }

    /**
     * Makes the batch of some consecutive samples.
     *
     * @param globalSample the number of the first sample, over all epochs from 0
     * @param sequences B, at least 1
     * @return the batch; it may reach from one epoch into the next
     */
    public TokenBatch batch(long globalSample, int sequences) {
        if (globalSample < 0) {
            throw new IllegalArgumentException("sample " + globalSample);
        }
        long perEpoch = order.count();
        long[] windows = LongStream.range(globalSample, Math.addExact(globalSample, sequences))
                .map(sample -> order.index(sample / perEpoch, sample % perEpoch))
                .toArray();
        return read(globalSample, windows);
    }

    /**
     * Makes the batch that a cursor points at.
     *
     * @param cursor where to begin
     * @param sequences B, at least 1
     * @return the batch
     */
    public TokenBatch batch(DataCursor cursor, int sequences) {
        return batch(cursor.sample(), sequences);
    }

    /**
     * Goes through the stream in its own order, each window once, from the start. The last batch has fewer sequences
     * when the windows run out, so a mean over batches must weigh them by their tokens.
     *
     * @param sequences B, at least 1
     * @param maxBatches where to stop at the latest
     * @return the batches, made one at a time while iterating; may be iterated again
     */
    public Iterable<TokenBatch> validationBatches(int sequences, int maxBatches) {
        if (sequences < 1 || maxBatches < 1) {
            throw new IllegalArgumentException(maxBatches + " batches of " + sequences + " sequences");
        }
        long batches = (validationWindows(sequences, maxBatches) + sequences - 1) / sequences;
        return () -> LongStream.range(0, batches)
                .mapToObj(number -> sequential(number * sequences, sequences))
                .iterator();
    }

    /**
     * Counts the targets of {@link #validationBatches}. The windows are the first of the stream and touch each other, so
     * the targets are the tokens 1 to this number, both included, of the stream.
     *
     * @param sequences B, at least 1
     * @param maxBatches where to stop at the latest
     * @return predicted tokens
     */
    public long validationTargets(int sequences, int maxBatches) {
        return validationWindows(sequences, maxBatches) * length;
    }

    private long validationWindows(int sequences, int maxBatches) {
        return Math.min(order.count(), (long) sequences * maxBatches);
    }

    private TokenBatch sequential(long firstWindow, int sequences) {
        long end = Math.min(order.count(), firstWindow + sequences);
        return read(firstWindow, LongStream.range(firstWindow, end).toArray());
    }

    private TokenBatch read(long firstSample, long[] windows) {
        int size = Math.multiplyExact(windows.length, length);
        long[] inputs = new long[size];
        long[] targets = new long[size];
        int[] tokens = new int[length + 1];
        for (int row = 0; row < windows.length; row++) {
            stream.read(windows[row] * length, tokens);
            for (int i = 0; i < length; i++) {
                inputs[row * length + i] = tokens[i];
                targets[row * length + i] = tokens[i + 1];
            }
        }
        return new TokenBatch(firstSample, windows.length, length, inputs, targets);
    }
}
