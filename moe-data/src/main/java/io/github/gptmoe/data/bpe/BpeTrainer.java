package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Trains a vocabulary by byte-pair encoding over whole sentences, as {@code spm_train --model_type=bpe} does: the same
 * pieces in the same order for the same text and options.
 *
 * <p>Text is read and counted as a stream. Memory is that of its distinct words (about 30 bytes a character) and of the
 * pairs in them. The same text and options give the same bytes whatever the number of threads.
 */
public final class BpeTrainer {
    private static final double NANOS = 1e9;

    private final BpeInput input;
    private final BpeConfig config;
    private final BpeProgress progress;
    private final List<MetaPieces.Piece> metaPieces;
    private final Workers workers;

    private BpeTrainer(BpeInput input, BpeConfig config, BpeProgress progress, Workers workers) {
        this.input = input;
        this.config = config;
        this.progress = progress;
        this.metaPieces = MetaPieces.of(config);
        this.workers = workers;
    }

    /**
     * Trains a vocabulary.
     *
     * @param input the text
     * @param config what the vocabulary is like
     * @param threads threads for reading and counting, at least 1; merging uses the calling one
     * @param progress hears how far it is
     * @return the vocabulary
     * @throws InputException if options are wrong, a file cannot be read, or the text does not yield such a vocabulary
     */
    public static TrainedTokenizer train(BpeInput input, BpeConfig config, int threads, BpeProgress progress) {
        config.requireValid();
        try (Workers workers = new Workers(threads)) {
            return new BpeTrainer(input, config, progress, workers).run();
        }
    }

    private record Counted(WordCounts words, long sentences, long characters, SentenceReader reader) {}

    private TrainedTokenizer run() {
        long start = System.nanoTime();
        CharacterMap map = CharacterMap.of(config.text().normalization());
        Counted counted = count(map);
        long read = System.nanoTime();
        CharacterSet alphabet = CharacterSet.choose(counted.words(), config.alphabet(), workers);
        alphabet.requireRoom(config, metaPieces.size());
        int wanted = config.vocabulary() - metaPieces.size() - alphabet.size();
        int distinctWords = counted.words().words();
        List<String> merged = merge(counted.words(), alphabet, wanted);
        requireEnough(merged.size(), wanted);
        List<String> pieces = new ArrayList<>(merged);
        Arrays.stream(alphabet.points()).forEach(point -> pieces.add(Character.toString(point)));
        ModelFile file = new ModelFile(config, metaPieces, pieces);
        BpeReport report = new BpeReport(
                counted.sentences(),
                counted.reader().longSentences(),
                counted.reader().reservedSentences(),
                counted.reader().badRows(),
                counted.characters(),
                distinctWords,
                alphabet.size(),
                alphabet.covered(),
                merged.size(),
                metaPieces.size() + pieces.size(),
                (read - start) / NANOS,
                (System.nanoTime() - read) / NANOS);
        return new TrainedTokenizer(file.model(map), file.vocabulary(), report);
    }

    private Counted count(@Nullable CharacterMap map) {
        WordSplitter splitter = new WordSplitter(config.pieces(), metaPieces);
        SentenceCounter counter = new SentenceCounter(config.text(), map, splitter, workers);
        try (SentenceReader reader = new SentenceReader(input, config.maxSentenceBytes())) {
            long sentences = input.sample() > 0 ? countSample(reader, counter) : countAll(reader, counter);
            WordCounts words = counter.finish();
            progress.read(sentences, 1);
            if (words.words() == 0) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "there is nothing to train on: " + sentences + " usable sentences, all empty after"
                                + " normalisation, in "
                                + input.files().stream().map(Path::toString).collect(Collectors.joining(", "))
                                + "; name files with text");
            }
            return new Counted(words, sentences, counter.characters(), reader);
        }
    }

    private long countAll(SentenceReader reader, SentenceCounter counter) {
        long sentences = 0;
        for (String next = reader.next(); next != null; next = reader.next()) {
            counter.add(next);
            sentences++;
            progress.read(sentences, reader.fraction());
        }
        return sentences;
    }

    private long countSample(SentenceReader reader, SentenceCounter counter) {
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

    private List<String> merge(WordCounts words, CharacterSet alphabet, int wanted) {
        int[] points = alphabet.points();
        Arrays.sort(points);
        int[] symbolOf = new int[Character.MAX_CODE_POINT + 1];
        for (int i = 0; i < points.length; i++) {
            symbolOf[points[i]] = i + 1;
        }
        PieceTable pieces = new PieceTable(points);
        SymbolText text = SymbolText.of(words, symbolOf);
        words.release();
        Pairs pairs = new InitialPairs(text, pieces, config.pieces(), points, workers).find();
        PieceCheck check = new PieceCheck(config.pieces(), points, pieces);
        return new PairMerger(text, pieces, check, pairs).run(wanted, count -> progress.merged(count, wanted));
    }

    private void requireEnough(int merged, int wanted) {
        if (merged < wanted && !config.softLimit()) {
            int possible = config.vocabulary() - wanted + merged;
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--vocabulary " + config.vocabulary() + ": the text yields no more than " + possible
                            + " pieces; make it that, give more text, or allow a smaller vocabulary with --soft-limit");
        }
    }
}
