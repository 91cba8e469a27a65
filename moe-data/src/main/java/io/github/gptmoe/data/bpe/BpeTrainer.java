package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.text.CharacterMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final @Nullable Path counts;
    private final BpeProgress progress;
    private final List<MetaPieces.Piece> metaPieces;
    private final Workers workers;

    private BpeTrainer(BpeInput input, BpeConfig config, @Nullable Path counts, BpeProgress progress, Workers workers) {
        this.input = input;
        this.config = config;
        this.counts = counts;
        this.progress = progress;
        this.metaPieces = MetaPieces.of(config);
        this.workers = workers;
    }

    /**
     * Trains a vocabulary.
     *
     * @param input the text
     * @param config what the vocabulary is like
     * @param counts where to keep counted words, so that the same call goes on from there when counting was stopped, and
     *     another vocabulary of the same text needs no counting; null to keep nothing
     * @param threads threads for reading and counting, at least 1; merging uses the calling one
     * @param progress hears how far it is
     * @return the vocabulary
     * @throws InputException if options are wrong, a file cannot be read, or the text does not yield such a vocabulary
     */
    public static TrainedTokenizer train(
            BpeInput input, BpeConfig config, @Nullable Path counts, int threads, BpeProgress progress) {
        config.requireValid();
        try (Workers workers = new Workers(threads)) {
            return new BpeTrainer(input, config, counts, progress, workers).run();
        }
    }

    private TrainedTokenizer run() {
        long start = System.nanoTime();
        CharacterMap map = CharacterMap.of(config.text().normalization());
        TextCounter.Counted counted = new TextCounter(input, config, counts, progress, workers).count(map);
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
                counted.longSentences(),
                counted.reservedSentences(),
                counted.badRows(),
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
        return new PairMerger(text, pieces, check, pairs, config.pieces().countOverlaps())
                .run(wanted, count -> progress.merged(count, wanted));
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
