package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import java.util.Arrays;

/**
 * Pairs of neighbouring symbols: for each the two symbols, where it was seen, and how often. Places are in rising order and
 * lie in one array for all pairs.
 *
 * <p>Nobody tells a pair when one of its places goes because a neighbour was merged: its list and count are what they were
 * when they were last looked at. That is enough, because a pair never gains places after it was made, so the count is never
 * too small; {@link #refresh} makes it exact.
 *
 * <p>Pairs are numbered in the order in which they were first seen; {@link #makeRoom} keeps that order.
 */
final class Pairs {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;
    /** A symbol rarely has more different neighbours on both sides. */
    private static final int USUAL_NEW_PAIRS = 1 << 14;

    private final SymbolText text;
    private int[] lefts = new int[1 << 12];
    private int[] rights = new int[1 << 12];
    private int[] starts = new int[1 << 12];
    private int[] lengths = new int[1 << 12];
    private long[] counts = new long[1 << 12];
    private int pairs;
    private int[] places;
    private int usedPlaces;

    /** Begins with the places of pairs that are added next by {@link #addAt}; the array becomes this object's. */
    Pairs(SymbolText text, int[] places, int usedPlaces) {
        this.text = text;
        this.places = places;
        this.usedPlaces = usedPlaces;
    }

    int size() {
        return pairs;
    }

    int left(int pair) {
        return lefts[pair];
    }

    int right(int pair) {
        return rights[pair];
    }

    /** How often the pair occurs at most; 0 for one that is done with. */
    long count(int pair) {
        return counts[pair];
    }

    /** The number of places. */
    int length(int pair) {
        return lengths[pair];
    }

    int place(int pair, int index) {
        return places[starts[pair] + index];
    }

    /** Adds a pair whose places are in the array already. */
    void addAt(int left, int right, int start, int length, long count) {
        if (pairs == lefts.length) {
            resize((int) Math.min(LARGEST_ARRAY, pairs + (long) (pairs >> 1)));
        }
        lefts[pairs] = left;
        rights[pairs] = right;
        starts[pairs] = start;
        lengths[pairs] = length;
        counts[pairs] = count;
        pairs++;
    }

    /** Whether there is no room for so many new places, and as many pairs as they are likely to make. */
    boolean lacksRoom(long newPlaces) {
        return newPlaces > places.length - usedPlaces || newPairs(newPlaces) > lefts.length - pairs;
    }

    private static int newPairs(long newPlaces) {
        return (int) Math.min(newPlaces, USUAL_NEW_PAIRS);
    }

    /**
     * Drops what is no more, and enlarges the arrays if that does not leave a quarter of them free. Makes all counts exact.
     * Numbers of pairs change.
     */
    void makeRoom(long newPlaces) {
        compact();
        if (usedPlaces + newPlaces > LARGEST_ARRAY || pairs > LARGEST_ARRAY - USUAL_NEW_PAIRS) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "the text has more than " + LARGEST_ARRAY
                            + " places of pairs; train on a part of it with --sample N");
        }
        int placeCapacity = enough(places.length, usedPlaces + newPlaces);
        if (placeCapacity > places.length) {
            places = Arrays.copyOf(places, placeCapacity);
        }
        int pairCapacity = enough(lefts.length, pairs + (long) newPairs(newPlaces));
        if (pairCapacity > lefts.length) {
            resize(pairCapacity);
        }
    }

    private static int enough(int size, long needed) {
        return (int) Math.min(LARGEST_ARRAY, Math.max(size, needed + needed / 3));
    }

    private void resize(int capacity) {
        lefts = Arrays.copyOf(lefts, capacity);
        rights = Arrays.copyOf(rights, capacity);
        starts = Arrays.copyOf(starts, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        counts = Arrays.copyOf(counts, capacity);
    }

    /** Sets places aside, for which there must be room; returns where they begin. They are filled by {@link #set}. */
    int reserve(int count) {
        usedPlaces += count;
        return usedPlaces - count;
    }

    void set(int index, int place) {
        places[index] = place;
    }

    /**
     * Counts occurrences for the first time. Of two that overlap, as in "aaa", the second is forgotten, for good, as by
     * SentencePiece up to 0.1.98.
     *
     * @return the number of places that remain, moved to the beginning of their range
     */
    static int dropOverlaps(SymbolText text, int[] places, int start, int length) {
        int kept = 0;
        int end = -1;
        for (int i = 0; i < length; i++) {
            int place = places[start + i];
            int second = text.next(place);
            if (place == end) {
                end = -1;
            } else {
                places[start + kept++] = place;
                end = second;
            }
        }
        return kept;
    }

    /** Forgets occurrences that overlap those before them: both cannot be merged. */
    void dropOverlaps(int pair) {
        lengths[pair] = dropOverlaps(text, places, starts[pair], lengths[pair]);
    }

    int dropOverlaps(int start, int length) {
        return dropOverlaps(text, places, start, length);
    }

    long sum(int start, int length) {
        return sum(text, places, start, length);
    }

    static long sum(SymbolText text, int[] places, int start, int length) {
        long sum = 0;
        for (int i = start; i < start + length; i++) {
            sum += text.count(places[i]);
        }
        return sum;
    }

    /** Forgets places where the pair is no more; returns whether there were any. */
    boolean refresh(int pair) {
        int start = starts[pair];
        int kept = keep(pair, start);
        if (kept == lengths[pair]) {
            return false;
        }
        lengths[pair] = kept;
        counts[pair] = sum(start, kept);
        return true;
    }

    /** Moves the places where the pair still is to {@code to}, at or before where they are; returns their number. */
    private int keep(int pair, int to) {
        int start = starts[pair];
        int kept = 0;
        for (int i = start; i < start + lengths[pair]; i++) {
            if (text.holds(places[i], lefts[pair], rights[pair])) {
                places[to + kept++] = places[i];
            }
        }
        return kept;
    }

    /** Marks a pair as done with. */
    void close(int pair) {
        counts[pair] = 0;
        lengths[pair] = 0;
    }

    private void compact() {
        int keptPairs = 0;
        int keptPlaces = 0;
        for (int pair = 0; pair < pairs; pair++) {
            int length = keep(pair, keptPlaces);
            if (length > 0) {
                counts[keptPairs] = length == lengths[pair] ? counts[pair] : sum(keptPlaces, length);
                lefts[keptPairs] = lefts[pair];
                rights[keptPairs] = rights[pair];
                starts[keptPairs] = keptPlaces;
                lengths[keptPairs] = length;
                keptPairs++;
                keptPlaces += length;
            }
        }
        pairs = keptPairs;
        usedPlaces = keptPlaces;
    }
}
