package io.github.gptmoe.data.bpe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * The loop of byte-pair encoding: takes the most frequent pair of neighbouring symbols, makes it a symbol wherever it
 * occurs, and looks at what stands beside it now.
 *
 * <p>The order is exact: a pair that comes first by a count that may be too big is counted anew and put back if it was.
 * A step costs what the places of the merged pair cost, not what the vocabulary or the number of pairs does.
 *
 * @see <a href="https://arxiv.org/abs/1508.07909">Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with
 *     Subword Units</a>
 */
final class PairMerger {
    private final SymbolText text;
    private final PieceTable pieces;
    private final PieceCheck check;
    private final Pairs pairs;
    private final PairQueue queue;
    private final boolean countOverlaps;
    /** Texts of merged pieces: another way to the same text gives no second piece, and is not merged. */
    private final Set<String> known = new HashSet<>();

    private final List<String> merged = new ArrayList<>();
    /** For each symbol how often it stands before and behind the new one, then where its next place is written. */
    private int[] before;

    private int[] behind;
    /** Neighbours of the new symbol in the order in which they are met; those before it as complements. */
    private int[] neighbours = new int[1 << 10];

    private int neighbourCount;

    PairMerger(SymbolText text, PieceTable pieces, PieceCheck check, Pairs pairs, boolean countOverlaps) {
        this.countOverlaps = countOverlaps;
        this.text = text;
        this.pieces = pieces;
        this.check = check;
        this.pairs = pairs;
        this.queue = new PairQueue(pairs, pieces);
        this.before = new int[pieces.size() + 1];
        this.behind = new int[pieces.size() + 1];
    }

    /**
     * Merges until there are so many pieces, or no pair is left.
     *
     * @param wanted the number of pieces
     * @param progress hears the number of pieces so far, now and then
     * @return the texts of the pieces in the order in which they were made
     */
    List<String> run(int wanted, IntConsumer progress) {
        while (merged.size() < wanted) {
            int pair = queue.take();
            if (pair < 0) {
                break;
            }
            if (pairs.refresh(pair)) {
                // The pair may have company at its new count, so it queues again.
                if (pairs.count(pair) > 0) {
                    queue.add(pair);
                }
            } else if (pairs.lacksRoom(2L * pairs.length(pair))) {
                pairs.makeRoom(2L * pairs.length(pair));
                queue.rebuild(); // The pair is in it again, by its new number.
            } else {
                use(pair);
                progress.accept(merged.size());
            }
        }
        return List.copyOf(merged);
    }

    private void use(int pair) {
        String piece = pieces.text(pairs.left(pair), pairs.right(pair));
        if (known.add(piece)) {
            merged.add(piece);
            if (countOverlaps && pairs.left(pair) == pairs.right(pair)) {
                pairs.dropOverlaps(pair);
            }
            merge(pair);
        }
        pairs.close(pair);
    }

    private void merge(int pair) {
        int symbol = pieces.add(pairs.left(pair), pairs.right(pair));
        if (pieces.size() > before.length) {
            before = Arrays.copyOf(before, 2 * before.length);
            behind = Arrays.copyOf(behind, before.length);
        }
        int length = pairs.length(pair);
        for (int i = 0; i < length; i++) {
            text.merge(pairs.place(pair, i), symbol);
        }
        int start = pairs.reserve(countNeighbours(pair, symbol));
        placeNeighbours(start);
        for (int i = 0; i < length; i++) {
            int place = pairs.place(pair, i);
            int previous = text.previous(place);
            int left = text.symbol(previous);
            if (left != SymbolText.BORDER && left != symbol && before[left] >= 0) {
                pairs.set(before[left]++, previous);
            }
            int right = text.symbol(text.next(place));
            if (right != SymbolText.BORDER && behind[right] >= 0) {
                pairs.set(behind[right]++, place);
            }
        }
        addPairs(symbol, start);
    }

    /** Counts in {@link #before} and {@link #behind}; returns the number of places in all. */
    private int countNeighbours(int pair, int symbol) {
        neighbourCount = 0;
        int found = 0;
        for (int i = 0; i < pairs.length(pair); i++) {
            int place = pairs.place(pair, i);
            int left = text.symbol(text.previous(place));
            // Where the new symbol follows itself, the first of the two sees the second.
            if (left != SymbolText.BORDER && left != symbol) {
                if (before[left] == 0) {
                    meet(~left, check.allows(left, symbol));
                }
                before[left] += before[left] >= 0 ? 1 : 0;
                found += before[left] >= 0 ? 1 : 0;
            }
            int right = text.symbol(text.next(place));
            if (right != SymbolText.BORDER) {
                if (behind[right] == 0) {
                    meet(right, check.allows(symbol, right));
                }
                behind[right] += behind[right] >= 0 ? 1 : 0;
                found += behind[right] >= 0 ? 1 : 0;
            }
        }
        return found;
    }

    /** Notes a neighbour; one that cannot be in a piece with the new symbol is marked with -1. */
    private void meet(int neighbour, boolean allowed) {
        if (neighbourCount == neighbours.length) {
            neighbours = Arrays.copyOf(neighbours, 2 * neighbourCount);
        }
        neighbours[neighbourCount++] = neighbour;
        if (!allowed) {
            if (neighbour < 0) {
                before[~neighbour] = -1;
            } else {
                behind[neighbour] = -1;
            }
        }
    }

    /** Turns counts into where places are written. */
    private void placeNeighbours(int start) {
        int at = start;
        for (int i = 0; i < neighbourCount; i++) {
            int[] side = neighbours[i] < 0 ? before : behind;
            int symbol = neighbours[i] < 0 ? ~neighbours[i] : neighbours[i];
            if (side[symbol] > 0) {
                int count = side[symbol];
                side[symbol] = at;
                at += count;
            }
        }
    }

    private void addPairs(int symbol, int first) {
        int start = first;
        for (int i = 0; i < neighbourCount; i++) {
            boolean leads = neighbours[i] < 0;
            int neighbour = leads ? ~neighbours[i] : neighbours[i];
            int[] side = leads ? before : behind;
            int end = side[neighbour];
            side[neighbour] = 0;
            if (end < 0) {
                continue;
            }
            int length = neighbour == symbol && !countOverlaps ? pairs.dropOverlaps(start, end - start) : end - start;
            int made = pairs.size();
            pairs.addAt(
                    leads ? neighbour : symbol, leads ? symbol : neighbour, start, length, pairs.sum(start, length));
            queue.add(made);
            start = end;
        }
    }
}
