package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.text.CharacterMap;
import io.github.gptmoe.data.text.Normalization;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The first half of training: reads the text and counts its words, or goes on where counting stopped. */
final class TextCounter {
    private static final long SAVE_NANOS = 60_000_000_000L;

    private final BpeInput input;
    private final BpeConfig config;
    private final @Nullable CountsFile file;
    private final BpeProgress progress;
    private final Workers workers;
    private long nextSave = System.nanoTime() + SAVE_NANOS;

    TextCounter(BpeInput input, BpeConfig config, @Nullable Path counts, BpeProgress progress, Workers workers) {
        if (counts != null && input.sample() > 0) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--counts keeps the words of a whole text, not those of a sample; leave out --counts or --sample");
        }
        this.input = input;
        this.config = config;
        this.file = counts == null ? null : new CountsFile(counts, input, config);
        this.progress = progress;
        this.workers = workers;
    }

    /**
     * What was read.
     *
     * @param words the words of all sentences that were used
     * @param sentences their number
     * @param characters characters of the normalised text
     * @param longSentences left out
     * @param reservedSentences left out
     * @param badRows left out
     */
    record Counted(
            WordCounts words,
            long sentences,
            long characters,
            long longSentences,
            long reservedSentences,
            long badRows) {}

    /** Counts; {@code map} is null for {@link Normalization#IDENTITY}. */
    Counted count(@Nullable CharacterMap map) {
        CountsFile.State before = file == null ? CountsFile.State.start() : file.load();
        SentenceCounter counter = new SentenceCounter(
                config.text(),
                map,
                new WordSplitter(config.pieces(), MetaPieces.of(config)),
                workers,
                before.words(),
                before.characters());
        try (SentenceReader reader = new SentenceReader(input, config.maxSentenceBytes(), before.place())) {
            long sentences = input.sample() > 0 ? sample(reader, counter) : all(reader, counter, before.sentences());
            WordCounts words = counter.words();
            if (words.words() == 0) {
                throw nothing(sentences);
            }
            if (!before.complete()) {
                save(true, reader, counter, sentences);
            }
            progress.read(sentences, 1);
            return new Counted(
                    words,
                    sentences,
                    counter.characters(),
                    reader.longSentences(),
                    reader.reservedSentences(),
                    reader.badRows());
        }
    }

    private InputException nothing(long sentences) {
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                "there is nothing to train on: " + sentences + " usable sentences, all empty after normalisation, in "
                        + input.files().stream().map(Path::toString).collect(Collectors.joining(", "))
                        + "; name files with text");
    }

    private long all(SentenceReader reader, SentenceCounter counter, long before) {
        long sentences = before;
        for (String next = reader.next(); next != null; next = reader.next()) {
            counter.add(next);
            sentences++;
            try {
                progress.read(sentences, reader.fraction());
            } catch (RuntimeException stopped) {
                save(false, reader, counter, sentences);
                throw stopped;
            }
            if (System.nanoTime() - nextSave >= 0) {
                save(false, reader, counter, sentences);
            }
        }
        return sentences;
    }

    private long sample(SentenceReader reader, SentenceCounter counter) {
        Reservoir reservoir = new Reservoir(input.sample(), input.seed());
        long seen = 0;
        for (String next = reader.next(); next != null; next = reader.next()) {
            reservoir.offer(next);
            seen++;
            progress.read(seen, reader.fraction());
        }
        reservoir.kept().forEach(counter::add);
        return reservoir.kept().size();
    }

    private void save(boolean complete, SentenceReader reader, SentenceCounter counter, long sentences) {
        if (file != null) {
            WordCounts words = counter.words();
            file.save(new CountsFile.State(complete, reader.place(), sentences, counter.characters(), words));
        }
        nextSave = System.nanoTime() + SAVE_NANOS;
    }
}
