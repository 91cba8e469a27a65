package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;

/** The characters that are pieces: the most frequent ones until they make up the wanted share of the text. */
final class CharacterSet {
    private static final int CHARACTERS_PER_TASK = 1 << 22;

    private final int[] points;
    private final double covered;

    private CharacterSet(int[] points, double covered) {
        this.points = points;
        this.covered = covered;
    }

    int size() {
        return points.length;
    }

    /** Code points in falling order of frequency, equal ones in rising order; a copy. */
    int[] points() {
        return points.clone();
    }

    /** The share of the text that they make up. */
    double covered() {
        return covered;
    }

    /** Counts the characters of all words on all threads and chooses. */
    static CharacterSet choose(WordCounts words, Alphabet alphabet, Workers workers) {
        long[] counts = count(words, workers);
        boolean[] required = new boolean[counts.length];
        alphabet.required().codePoints().forEach(point -> required[point] = true);
        List<Integer> seen = new ArrayList<>();
        long all = 0;
        for (int point = 0; point < counts.length; point++) {
            if (counts[point] > 0 || required[point]) {
                seen.add(point);
                all += counts[point];
            }
        }
        seen.sort(Comparator.comparing((Integer point) -> !required[point])
                .thenComparing(point -> -counts[point])
                .thenComparing(point -> point));
        List<Integer> chosen = new ArrayList<>();
        long covered = 0;
        for (int point : seen) {
            // In single precision, as SentencePiece compares, so that both choose the same.
            if ((float) ((double) covered / all) >= (float) alphabet.coverage()) {
                break;
            }
            covered += counts[point];
            if (point != WordSplitter.BORDER) {
                chosen.add(point);
            }
        }
        int[] points = chosen.stream()
                .sorted(Comparator.comparing((Integer point) -> -counts[point]).thenComparing(point -> point))
                .mapToInt(point -> point)
                .toArray();
        return new CharacterSet(points, (double) covered / all);
    }

    private static long[] count(WordCounts words, Workers workers) {
        List<Callable<long[]>> tasks = new ArrayList<>();
        // A task has a count for every code point, 9 MB, which must not outweigh the text.
        int tasksWanted = Math.min(workers.count(), 1 + words.start(words.words()) / CHARACTERS_PER_TASK);
        for (int task = 0; task < tasksWanted; task++) {
            int first = (int) ((long) words.words() * task / tasksWanted);
            int last = (int) ((long) words.words() * (task + 1) / tasksWanted);
            tasks.add(() -> count(words, first, last));
        }
        long[] sum = new long[Character.MAX_CODE_POINT + 1];
        for (long[] part : workers.all(tasks)) {
            Arrays.setAll(sum, point -> sum[point] + part[point]);
        }
        return sum;
    }

    private static long[] count(WordCounts words, int first, int last) {
        long[] counts = new long[Character.MAX_CODE_POINT + 1];
        int[] points = words.points();
        for (int word = first; word < last; word++) {
            long count = words.count(word);
            for (int i = words.start(word); i < words.start(word + 1); i++) {
                counts[points[i]] += count;
            }
        }
        return counts;
    }

    /** Refuses a vocabulary that has no room for the characters. */
    void requireRoom(BpeConfig config, int metaPieces) {
        int least = points.length + metaPieces;
        if (least > config.vocabulary()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--vocabulary " + config.vocabulary() + " has no room for " + points.length + " characters and "
                            + metaPieces + " pieces of other kinds; make it at least " + least
                            + ", or lower --character-coverage ("
                            + config.alphabet().coverage() + ")");
        }
    }
}
