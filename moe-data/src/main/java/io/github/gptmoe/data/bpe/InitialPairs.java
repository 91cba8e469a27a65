package io.github.gptmoe.data.bpe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Finds all pairs of neighbouring characters on all threads, by two counting sorts of the places of the text: by the left
 * character, then, for each left character apart, by the right one. Both keep the order of places, and the pieces of work are
 * joined in a fixed order, so the result does not depend on the number of threads.
 */
final class InitialPairs {
    private static final int PARTS_PER_THREAD = 8;

    private final SymbolText text;
    private final PieceTable pieces;
    private final PieceRules rules;
    private final int[] points;
    private final Workers workers;

    /** {@code points} are the code points of the alphabet, by symbol less one. */
    InitialPairs(SymbolText text, PieceTable pieces, PieceRules rules, int[] points, Workers workers) {
        this.text = text;
        this.pieces = pieces;
        this.rules = rules;
        this.points = points;
        this.workers = workers;
    }

    Pairs find() {
        int[][] cursors = countLefts();
        int[] starts = prefixSums(cursors);
        int found = starts[pieces.size()];
        // Half as much again for the pairs to come, so that making room is rare.
        int[] places = new int[(int) Math.min(Integer.MAX_VALUE - 8, found + (long) found / 2)];
        scatter(cursors, places);
        List<Callable<Part>> tasks = new ArrayList<>();
        int first = 1;
        long share = Math.max(1, found / (PARTS_PER_THREAD * (long) workers.count()));
        for (int left = 1; left < pieces.size(); left++) {
            if (starts[left + 1] - starts[first] >= share || left == pieces.size() - 1) {
                int from = first;
                int to = left + 1;
                tasks.add(() -> group(from, to, starts, places));
                first = to;
            }
        }
        List<Part> parts = workers.all(tasks);
        Pairs pairs = new Pairs(text, places, found);
        parts.forEach(part -> part.addTo(pairs));
        return pairs;
    }

    private int boundary(int range) {
        return (int) ((long) (text.places() - 1) * range / workers.count());
    }

    /** How often each symbol is the left one of a pair, for each range of the text. */
    private int[][] countLefts() {
        List<Callable<int[]>> tasks = new ArrayList<>();
        for (int range = 0; range < workers.count(); range++) {
            int from = boundary(range);
            int to = boundary(range + 1);
            tasks.add(() -> {
                int[] counts = new int[pieces.size()];
                for (int place = from; place < to; place++) {
                    if (isPair(place)) {
                        counts[text.symbol(place)]++;
                    }
                }
                return counts;
            });
        }
        return workers.all(tasks).toArray(int[][]::new);
    }

    private boolean isPair(int place) {
        return text.symbol(place) != SymbolText.BORDER && text.symbol(place + 1) != SymbolText.BORDER;
    }

    /** Turns counts into where each range writes the places of each symbol; returns where those of each symbol begin. */
    private int[] prefixSums(int[][] counts) {
        int[] starts = new int[pieces.size() + 1];
        int sum = 0;
        for (int symbol = 0; symbol < pieces.size(); symbol++) {
            starts[symbol] = sum;
            for (int[] range : counts) {
                int count = range[symbol];
                range[symbol] = sum;
                sum += count;
            }
        }
        starts[pieces.size()] = sum;
        return starts;
    }

    private void scatter(int[][] cursors, int[] places) {
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int range = 0; range < workers.count(); range++) {
            int[] cursor = cursors[range];
            int from = boundary(range);
            int to = boundary(range + 1);
            tasks.add(() -> {
                for (int place = from; place < to; place++) {
                    if (isPair(place)) {
                        places[cursor[text.symbol(place)]++] = place;
                    }
                }
                return true;
            });
        }
        workers.all(tasks);
    }

    /** The pairs of some left symbols, five numbers each. */
    private static final class Part {
        private static final int FIELDS = 5;
        private long[] fields = new long[FIELDS << 10];
        private int used;

        void add(int left, int right, int start, int length, long count) {
            if (used == fields.length) {
                fields = Arrays.copyOf(fields, 2 * used);
            }
            fields[used] = left;
            fields[used + 1] = right;
            fields[used + 2] = start;
            fields[used + 3] = length;
            fields[used + 4] = count;
            used += FIELDS;
        }

        void addTo(Pairs pairs) {
            for (int i = 0; i < used; i += FIELDS) {
                pairs.addAt(
                        (int) fields[i], (int) fields[i + 1], (int) fields[i + 2], (int) fields[i + 3], fields[i + 4]);
            }
        }
    }

    private Part group(int first, int last, int[] starts, int[] places) {
        Part part = new Part();
        PieceCheck check = new PieceCheck(rules, points, pieces);
        int[] counts = new int[pieces.size()];
        int[] rights = new int[pieces.size()];
        for (int left = first; left < last; left++) {
            int from = starts[left];
            int[] unsorted = Arrays.copyOfRange(places, from, starts[left + 1]);
            int distinct = 0;
            for (int place : unsorted) {
                int right = text.symbol(place + 1);
                if (counts[right]++ == 0) {
                    rights[distinct++] = right;
                }
            }
            Arrays.sort(rights, 0, distinct);
            int[] cursors = counts; // The counts become where the next place is written.
            int at = from;
            for (int i = 0; i < distinct; i++) {
                int count = cursors[rights[i]];
                cursors[rights[i]] = at;
                at += count;
            }
            for (int place : unsorted) {
                places[cursors[text.symbol(place + 1)]++] = place;
            }
            int start = from;
            for (int i = 0; i < distinct; i++) {
                int end = cursors[rights[i]];
                addPair(part, check, left, rights[i], start, end - start, places);
                start = end;
                cursors[rights[i]] = 0;
            }
        }
        return part;
    }

    private void addPair(Part part, PieceCheck check, int left, int right, int start, int length, int[] places) {
        if (check.allows(left, right)) {
            int kept =
                    left == right && !rules.countOverlaps() ? Pairs.dropOverlaps(text, places, start, length) : length;
            part.add(left, right, start, kept, Pairs.sum(text, places, start, kept));
        }
    }
}
