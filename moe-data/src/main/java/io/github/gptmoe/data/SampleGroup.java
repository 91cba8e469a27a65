package io.github.gptmoe.data;

/**
 * The samples of a group of blocks. Its stream is what was carried into it, then its own tokens; window k gives the inputs {@code
 * [k L, k L + L)} and the targets one further, and what begins behind the last window is carried on. So the windows of all
 * groups are those of one stream without gaps. Sample {@code begin.firstSample + i} is the window that a permutation of the
 * group's own puts at i.
 *
 * @param begin where it begins
 * @param tokens its stream
 * @param length L
 * @param order of its windows
 */
@SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
record SampleGroup(StreamPosition begin, int[] tokens, int length, SampleOrder order) {
    static SampleGroup of(StreamPosition begin, int[] tokens, int length, long seed) {
        int windows = Math.max(0, (tokens.length - 1) / length);
        return new SampleGroup(begin, tokens, length, new SampleOrder(seed, Math.max(1, windows)));
    }

    int windows() {
        return tokens.length > length ? (int) order.count() : 0;
    }

    /** Number of the first sample behind it. */
    long end() {
        return begin.firstSample() + windows();
    }

    StreamPosition next() {
        return new StreamPosition(begin.group() + 1, end(), tokens.length - windows() * length);
    }

    /** Writes a sample into a row of L inputs and L targets. */
    void copy(long sample, long[] inputs, long[] targets, int at) {
        int window = (int) order.index(begin.group(), sample - begin.firstSample());
        int from = window * length;
        for (int i = 0; i < length; i++) {
            inputs[at + i] = tokens[from + i];
            targets[at + i] = tokens[from + i + 1];
        }
    }
}
