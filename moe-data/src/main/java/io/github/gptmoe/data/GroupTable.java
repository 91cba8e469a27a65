package io.github.gptmoe.data;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The groups that samples are taken from: some of them held, more of them known by where they begin. Both are bounded; a group
 * that is no longer held can be made again. Safe for several threads.
 */
final class GroupTable {
    private static final int MOST_REMEMBERED = 1 << 14;
    private static final int LEAST_HELD = 2;

    private final long mostTokens;
    private final NavigableMap<Long, StreamPosition> begins = new TreeMap<>();
    private final Map<Long, SampleGroup> held = new LinkedHashMap<>(16, 0.75f, true); // the least recently used first
    private long heldTokens;
    private StreamPosition frontier;

    /** Goes on from a position; groups are let go beyond {@code mostTokens}, but never the last two. */
    GroupTable(StreamPosition from, long mostTokens) {
        this.frontier = from;
        this.mostTokens = mostTokens;
        begins.put(from.firstSample(), from);
    }

    /** The group of a sample, if it is held. */
    synchronized @Nullable SampleGroup holding(long sample) {
        Map.Entry<Long, StreamPosition> entry = begins.floorEntry(sample);
        SampleGroup group = entry == null ? null : held.get(entry.getValue().group());
        return group != null && sample < group.end() ? group : null;
    }

    /** A group by its number, if it is held. */
    synchronized @Nullable SampleGroup held(long group) {
        return held.get(group);
    }

    /** What has to be made next to come to a sample that is not held. */
    synchronized StreamPosition missing(long sample) {
        return sample < frontier.firstSample() ? begin(sample) : frontier;
    }

    /** Where the group begins in which a sample lies, or that is not made yet. */
    synchronized StreamPosition begin(long sample) {
        Map.Entry<Long, StreamPosition> entry = begins.floorEntry(sample);
        if (entry == null) {
            throw new IllegalStateException("sample " + sample + " lies before " + begins.firstKey()
                    + ", the first that can still be had of a streamed corpus");
        }
        return entry.getValue();
    }

    synchronized boolean isFrontier(StreamPosition position) {
        return frontier.equals(position);
    }

    synchronized void add(SampleGroup group) {
        if (frontier.equals(group.begin())) {
            frontier = group.next();
            begins.put(frontier.firstSample(), frontier); // in the place of a group without samples, if that was one
        }
        SampleGroup before = held.put(group.begin().group(), group);
        heldTokens += group.tokens().length - (before == null ? 0 : before.tokens().length);
        while (heldTokens > mostTokens && held.size() > LEAST_HELD) {
            SampleGroup oldest = held.values().iterator().next();
            held.remove(oldest.begin().group());
            heldTokens -= oldest.tokens().length;
        }
        while (begins.size() > MOST_REMEMBERED) {
            begins.pollFirstEntry();
        }
    }

    synchronized long heldTokens() {
        return heldTokens;
    }
}
