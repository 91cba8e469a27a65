package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.text.CharacterMap;
import io.github.gptmoe.data.text.TextNormalizer;
import io.github.gptmoe.data.text.TextRules;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Normalises sentences on all threads and counts their words in the order in which they came, so that the result does not
 * depend on the number of threads.
 */
final class SentenceCounter {
    private static final int BATCH_CHARACTERS = 1 << 17;

    private final TextRules rules;
    private final @Nullable CharacterMap map;
    private final WordSplitter splitter;
    private final Workers workers;
    private final WordCounts words;
    private final Deque<Future<Normalized>> running = new ArrayDeque<>();
    private List<String> batch = new ArrayList<>();
    private int batchCharacters;
    private long characters;

    /** Normalised sentences one after the other, and where each ends. */
    private static final class Normalized {
        private final int[] points;
        private final int[] ends;

        Normalized(int[] points, int[] ends) {
            this.points = points;
            this.ends = ends;
        }
    }

    /** {@code words} are those counted before, and {@code characters} the characters of their sentences. */
    SentenceCounter(
            TextRules rules,
            @Nullable CharacterMap map,
            WordSplitter splitter,
            Workers workers,
            WordCounts words,
            long characters) {
        this.words = words;
        this.characters = characters;
        this.rules = rules;
        this.map = map;
        this.splitter = splitter;
        this.workers = workers;
    }

    void add(String sentence) {
        batch.add(sentence);
        batchCharacters += sentence.length();
        if (batchCharacters >= BATCH_CHARACTERS) {
            submit();
            while (running.size() > 2 * workers.count()) {
                count(Workers.join(running.remove()));
            }
        }
    }

    private void submit() {
        List<String> sentences = batch;
        int expected = batchCharacters + 2 * sentences.size();
        running.add(workers.submit(() -> normalize(sentences, expected)));
        batch = new ArrayList<>();
        batchCharacters = 0;
    }

    private Normalized normalize(List<String> sentences, int expected) {
        TextNormalizer normalizer = new TextNormalizer(rules.dummyPrefix(), rules.removeExtraSpaces(), map);
        int[] points = new int[expected];
        int[] ends = new int[sentences.size()];
        int used = 0;
        for (int i = 0; i < ends.length; i++) {
            normalizer.normalize(sentences.get(i).getBytes(UTF_8));
            int length = splitter.markBorders(normalizer.points(), normalizer.length());
            if (used + length > points.length) {
                points = Arrays.copyOf(points, used + length + (points.length >> 1));
            }
            System.arraycopy(normalizer.points(), 0, points, used, length);
            used += length;
            ends[i] = used;
        }
        return new Normalized(points, ends);
    }

    private void count(Normalized normalized) {
        int start = 0;
        for (int end : normalized.ends) {
            if (end > start) {
                splitter.split(normalized.points, start, end, words);
            }
            characters += end - start;
            start = end;
        }
    }

    /** Counts what is under way, and returns the words of all sentences so far. More may follow. */
    WordCounts words() {
        submit();
        while (!running.isEmpty()) {
            count(Workers.join(running.remove()));
        }
        return words;
    }

    /** Characters of the normalised text. */
    long characters() {
        return characters;
    }
}
