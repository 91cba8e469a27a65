package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.bpe.TokenizerReport.CountedPiece;
import io.github.gptmoe.data.bpe.TokenizerReport.KindUse;
import io.github.gptmoe.data.bpe.TokenizerReport.Use;
import io.github.gptmoe.data.text.TextNormalizer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Looks into a vocabulary, and at what it makes of a text, for people who have to choose one. */
public final class TokenizerInspector {
    private static final int BATCH_CHARACTERS = 1 << 17;

    private final SentencePieceTokenizer tokenizer;
    private final int shown;

    /**
     * Makes an inspector.
     *
     * @param tokenizer stays the caller's
     * @param shown how many pieces each list has at most
     */
    public TokenizerInspector(SentencePieceTokenizer tokenizer, int shown) {
        this.tokenizer = tokenizer;
        this.shown = shown;
    }

    /**
     * Looks at the vocabulary alone.
     *
     * @return a report without a text
     */
    public TokenizerReport inspect() {
        return report(null);
    }

    /**
     * Encodes a text on several threads and looks at its tokens.
     *
     * @param input the text; a sample is drawn if it says so
     * @param threads at least 1
     * @param progress hears how far reading is
     * @return a report
     * @throws InputException if a file cannot be read, or there is no text
     */
    public TokenizerReport inspect(BpeInput input, int threads, BpeProgress progress) {
        Counts all = new Counts(tokenizer.vocabularySize());
        try (SentenceReader reader = SentenceReader.ofAll(input);
                Workers workers = new Workers(threads)) {
            Deque<Future<Counts>> running = new ArrayDeque<>();
            Batches batches = new Batches(batch -> {
                running.add(workers.submit(() -> count(batch)));
                while (running.size() > 2 * threads) {
                    all.add(Workers.join(running.remove()));
                }
            });
            Reservoir reservoir = new Reservoir(input.sample(), input.seed());
            long read = 0;
            for (String next = reader.next(); next != null; next = reader.next()) {
                if (input.sample() > 0) {
                    reservoir.offer(next);
                } else {
                    batches.add(next);
                }
                progress.read(++read, reader.fraction());
            }
            reservoir.kept().forEach(batches::add);
            batches.end();
            while (!running.isEmpty()) {
                all.add(Workers.join(running.remove()));
            }
            progress.read(read, 1);
        }
        if (all.characters == 0) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "there is nothing to look at in "
                            + input.files().stream().map(Path::toString).collect(Collectors.joining(", "))
                            + "; name files with text");
        }
        return report(all);
    }

    /** Groups sentences. */
    private static final class Batches {
        private final Consumer<List<String>> taker;
        private List<String> batch = new ArrayList<>();
        private int characters;

        Batches(Consumer<List<String>> taker) {
            this.taker = taker;
        }

        void add(String sentence) {
            batch.add(sentence);
            characters += sentence.length();
            if (characters >= BATCH_CHARACTERS) {
                end();
            }
        }

        void end() {
            taker.accept(batch);
            batch = new ArrayList<>();
            characters = 0;
        }
    }

    /** Sums of one kind. */
    private static final class Kind {
        private long characters;
        private long tokens;
    }

    /** What is counted about a text. */
    private static final class Counts {
        private final long[] uses;
        private final Map<TextKind, Kind> kinds = new EnumMap<>(TextKind.class);
        private long sentences;
        private long characters;
        private long covered;
        private long nanos;

        Counts(int vocabulary) {
            this.uses = new long[vocabulary];
        }

        void add(Counts other) {
            for (int id = 0; id < uses.length; id++) {
                uses[id] += other.uses[id];
            }
            other.kinds.forEach((kind, more) -> addTo(kind, more.characters, more.tokens));
            sentences += other.sentences;
            characters += other.characters;
            covered += other.covered;
            nanos += other.nanos;
        }

        void addTo(TextKind kind, long moreCharacters, long moreTokens) {
            Kind sum = kinds.computeIfAbsent(kind, key -> new Kind());
            sum.characters += moreCharacters;
            sum.tokens += moreTokens;
        }
    }

    private Counts count(List<String> sentences) {
        Counts counts = new Counts(tokenizer.vocabularySize());
        for (String sentence : sentences) {
            counts.sentences++;
            long start = System.nanoTime();
            int[] ids = tokenizer.encode(sentence);
            counts.nanos += System.nanoTime() - start;
            count(ids, counts);
        }
        return counts;
    }

    private void count(int[] ids, Counts counts) {
        for (int i = 0; i < ids.length; i++) {
            int id = ids[i];
            counts.uses[id]++;
            int lead = tokenizer.byteValue(id);
            if (lead >= 0) {
                i += countBytes(ids, i, lead, counts);
                continue;
            }
            // An unknown token stands for a text of unknown length; it counts as one character that is not covered.
            int[] points = id == tokenizer.unknownId()
                    ? new int[] {0xFFFD}
                    : tokenizer.piece(id).codePoints().toArray();
            counts.addTo(kind(points), points.length, 1);
            counts.characters += points.length;
            counts.covered += id == tokenizer.unknownId() ? 0 : points.length;
        }
    }

    /** Counts a character that is spelled in bytes; returns how many tokens it has behind the first. */
    private int countBytes(int[] ids, int at, int lead, Counts counts) {
        int length = lead < 0x80 ? 1 : Math.max(1, Integer.numberOfLeadingZeros(~(lead << 24)));
        int point = length == 1 ? lead : lead & ((1 << (7 - length)) - 1);
        int taken = 1;
        while (taken < length && at + taken < ids.length && tokenizer.byteValue(ids[at + taken]) >= 0) {
            counts.uses[ids[at + taken]]++;
            point = (point << 6) | (tokenizer.byteValue(ids[at + taken]) & 0x3F);
            taken++;
        }
        counts.addTo(TextKind.of(Math.min(point, Character.MAX_CODE_POINT)), 1, taken);
        counts.characters++;
        return taken - 1;
    }

    private static TextKind kind(int[] points) {
        return IntStream.of(points)
                .mapToObj(TextKind::of)
                .filter(kind -> kind != TextKind.SPACES)
                .findFirst()
                .orElse(TextKind.SPACES);
    }

    private TokenizerReport report(@Nullable Counts counts) {
        List<Integer> text = IntStream.range(0, tokenizer.vocabularySize())
                .filter(tokenizer::isText)
                .boxed()
                .toList();
        int bytes = (int) IntStream.range(0, tokenizer.vocabularySize())
                .filter(id -> tokenizer.byteValue(id) >= 0)
                .count();
        Map<Integer, Integer> lengths = new TreeMap<>();
        text.forEach(id -> lengths.merge(length(id), 1, Integer::sum));
        List<String> longest = text.stream()
                .sorted(Comparator.comparing((Integer id) -> -length(id)))
                .limit(shown)
                .map(tokenizer::piece)
                .toList();
        return new TokenizerReport(
                tokenizer.vocabularySize(),
                text.size(),
                bytes,
                lengths,
                longest,
                counts == null ? null : use(counts, text));
    }

    private int length(int id) {
        String piece = tokenizer.piece(id);
        int all = piece.codePointCount(0, piece.length());
        return all > 1 && piece.charAt(0) == TextNormalizer.SPACE ? all - 1 : all;
    }

    private Use use(Counts counts, List<Integer> text) {
        long tokens = IntStream.range(0, counts.uses.length)
                .mapToLong(id -> counts.uses[id])
                .sum();
        Map<TextKind, KindUse> kinds = new EnumMap<>(TextKind.class);
        counts.kinds.forEach((kind, sum) ->
                kinds.put(kind, new KindUse(sum.characters, sum.tokens, (double) sum.characters / sum.tokens)));
        List<Integer> used = text.stream().filter(id -> counts.uses[id] > 0).toList();
        Comparator<Integer> byUse = Comparator.comparing(id -> counts.uses[id]);
        return new Use(
                counts.sentences,
                counts.characters,
                tokens,
                (double) counts.characters / tokens,
                (double) tokens / counts.characters,
                (double) counts.covered / counts.characters,
                counts.uses[tokenizer.unknownId()],
                kinds,
                text.size() - used.size(),
                pieces(used, byUse, counts),
                pieces(used, byUse.reversed(), counts),
                counts.nanos / 1e9);
    }

    private List<CountedPiece> pieces(List<Integer> ids, Comparator<Integer> order, Counts counts) {
        return ids.stream()
                .sorted(order)
                .limit(shown)
                .map(id -> new CountedPiece(tokenizer.piece(id), id, counts.uses[id]))
                .toList();
    }
}
