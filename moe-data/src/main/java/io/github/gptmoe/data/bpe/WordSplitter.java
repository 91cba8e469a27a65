package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.text.TextNormalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts a normalised sentence into words: at spaces if pieces may not reach over them. What looks like a piece that does
 * not come from the text, such as {@code </s>}, becomes a border that no piece reaches over either.
 */
final class WordSplitter {
    /** Stands for a border; it can be in no normalised text other than as itself, and is never part of a piece. */
    static final int BORDER = '\t';

    private final boolean atSpaces;
    private final boolean spacesTogether;
    /** By first code point, longest first. */
    private final Map<Integer, List<int[]>> metaPieces = new HashMap<>();

    WordSplitter(PieceRules rules, List<MetaPieces.Piece> metaPieces) {
        this.atSpaces = rules.splitSpaces();
        this.spacesTogether = rules.spaceOnlyPieces();
        for (MetaPieces.Piece piece : metaPieces) {
            int[] points = piece.text().codePoints().toArray();
            this.metaPieces.computeIfAbsent(points[0], key -> new ArrayList<>()).add(points);
        }
        this.metaPieces.values().forEach(pieces -> pieces.sort((a, b) -> Integer.compare(b.length, a.length)));
    }

    /** Replaces what looks like a piece of another kind, in place; returns the new length. */
    int markBorders(int[] points, int length) {
        int from = 0;
        int to = 0;
        while (from < length) {
            int known = metaPieceAt(points, from, length);
            points[to++] = known == 0 ? points[from] : BORDER;
            from += Math.max(known, 1);
        }
        return to;
    }

    private int metaPieceAt(int[] points, int at, int length) {
        List<int[]> candidates = metaPieces.get(points[at]);
        if (candidates == null) {
            return 0;
        }
        for (int[] piece : candidates) {
            if (piece.length <= length - at && Arrays.equals(points, at, at + piece.length, piece, 0, piece.length)) {
                return piece.length;
            }
        }
        return 0;
    }

    /** Counts the words of a sentence. */
    void split(int[] points, int start, int end, WordCounts words) {
        if (!atSpaces) {
            words.add(points, start, end, 1);
            return;
        }
        int begin = start;
        for (int i = start + 1; i < end; i++) {
            boolean begins =
                    points[i] == TextNormalizer.SPACE && !(spacesTogether && points[i - 1] == TextNormalizer.SPACE);
            if (begins) {
                words.add(points, begin, i, 1);
                begin = i;
            }
        }
        words.add(points, begin, end, 1);
    }
}
