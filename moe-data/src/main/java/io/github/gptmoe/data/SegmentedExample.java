package io.github.gptmoe.data;

import io.github.gptmoe.data.SegmentedRow.Kind;
import io.github.gptmoe.data.SegmentedRow.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An example as tokens: those of its segments and the end-of-document id.
 *
 * @param ids n + 1 ids, the last of them that of the end
 * @param kinds the kind of each
 * @param weight how much the example counts
 * @param cutTokens tokens left out because it was too long
 */
@SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
record SegmentedExample(int[] ids, Kind[] kinds, double weight, int cutTokens) {
    /**
     * Encodes a row. The first segment is encoded as a text, the others as what follows it, so that the tokens of a segment
     * do not depend on those around it.
     *
     * @param length L; the example gets at most as many tokens, its end included
     * @throws InputException if it has more besides its context
     */
    static SegmentedExample of(SegmentedRow row, Tokenizer tokenizer, int length) throws BadRowException {
        List<int[]> parts = new ArrayList<>();
        for (Segment segment : row.segments()) {
            parts.add(
                    parts.isEmpty() ? tokenizer.encode(segment.text()) : tokenizer.encodeContinuation(segment.text()));
        }
        int tokens = parts.stream().mapToInt(part -> part.length).sum();
        if (tokens == 0) {
            throw new BadRowException(0, "the example has no tokens");
        }
        int tooMany = Math.max(0, tokens + 1 - length);
        cutContext(row, parts, tooMany);
        int[] ids = new int[tokens - tooMany + 1];
        Kind[] kinds = new Kind[ids.length];
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            int[] part = parts.get(i);
            System.arraycopy(part, 0, ids, at, part.length);
            Arrays.fill(kinds, at, at + part.length, row.segments().get(i).kind());
            at += part.length;
        }
        ids[at] = tokenizer.endOfDocument();
        kinds[at] = kindOfEnd(row);
        return new SegmentedExample(ids, kinds, row.weight(), tooMany);
    }

    /** The end belongs to the frame of the answer: the last segment that is no label says whose it is. */
    private static Kind kindOfEnd(SegmentedRow row) {
        Kind last = Kind.LABEL;
        for (Segment segment : row.segments()) {
            last = segment.kind() == Kind.LABEL ? last : segment.kind();
        }
        return last;
    }

    /** Takes tokens out of the middle of the longest context segment, of the next longest when that is used up. */
    private static void cutContext(SegmentedRow row, List<int[]> parts, int tooMany) {
        int left = tooMany;
        while (left > 0) {
            int longest = -1;
            for (int i = 0; i < parts.size(); i++) {
                boolean context = row.segments().get(i).kind() == Kind.CONTEXT && parts.get(i).length > 0;
                if (context && (longest < 0 || parts.get(i).length > parts.get(longest).length)) {
                    longest = i;
                }
            }
            if (longest < 0) {
                throw InputException.configuration(
                        row.place() + "without its context the example is " + left
                                + " tokens too long for model.sequenceLength; shorten its prompt, or raise model.sequenceLength");
            }
            int[] part = parts.get(longest);
            int kept = Math.max(0, part.length - left);
            left -= part.length - kept;
            int[] shorter = Arrays.copyOf(part, kept);
            int tail = kept / 2;
            System.arraycopy(part, part.length - tail, shorter, kept - tail, tail);
            parts.set(longest, shorter);
        }
    }

    /** Tokens, the end included. */
    int length() {
        return ids.length;
    }

    Kind kind(int token) {
        return kinds[token];
    }
}
