package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.SentencePieceModel.Piece;
import io.github.gptmoe.data.text.CharacterMap;
import io.github.gptmoe.data.text.TextNormalizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes text with a SentencePiece model of byte-pair encoding, as the native library does and several times as fast: which
 * two neighbours may be merged is looked up by their ids, not by their texts.
 *
 * <p>Characters are merged by the score of the piece they make, the highest first, of equal ones the leftmost, until nothing
 * can be merged. Models with features that this class does not have are left to the native library.
 *
 * <p>Safe for several threads.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/bpe_model.cc">SentencePiece's bpe_model.cc</a>
 */
final class BpeEncoder {
    private static final int TYPE_BPE = 2;
    private static final int BYTES = 256;
    /** A character that no piece has. */
    private static final int FOREIGN = -1;

    private final BpeModelFields fields;
    private final @Nullable CharacterMap map;
    private final boolean dummyPrefix;
    private final boolean removeSpaces;
    private final int vocabulary;
    private final int unknownId;
    private final int[] byteIds;
    /** By code point: its id, or one above the vocabulary for a character that only longer pieces have; plus one, 0 for none. */
    private final int[] characters = new int[Character.MAX_CODE_POINT + 1];

    private final PairTable pairs = new PairTable();
    private final int[] ranks;
    private final ThreadLocal<Scratch> scratch;

    private BpeEncoder(SentencePieceModel model, BpeModelFields fields) throws IOException {
        this.fields = fields;
        this.map = fields.normalization().length == 0 ? null : CharacterMap.parse(fields.normalization());
        this.dummyPrefix = model.decoding().dummyPrefix();
        this.removeSpaces = model.decoding().removeSpaces();
        this.vocabulary = model.pieces().size();
        this.unknownId = model.unknownId();
        this.byteIds = byteIds(model.pieces());
        this.ranks = ranks(fields.scores());
        addPieces(model.pieces());
        this.scratch = ThreadLocal.withInitial(() -> new Scratch(new TextNormalizer(dummyPrefix, removeSpaces, map)));
    }

    /**
     * Makes an encoder for a model.
     *
     * @param bytes the model's file
     * @return null if the model is not one that this class can encode with
     */
    static @Nullable BpeEncoder of(SentencePieceModel model, byte[] bytes) {
        try {
            BpeModelFields fields = BpeModelFields.parse(bytes, model.pieces().size());
            return serves(model, fields) ? new BpeEncoder(model, fields) : null;
        } catch (IOException damaged) {
            return null; // The native library judges.
        }
    }

    /** Tells whether a model is of the kind that this class encodes with; it may be damaged still. */
    static boolean serves(SentencePieceModel model, byte[] bytes) {
        try {
            return serves(model, BpeModelFields.parse(bytes, model.pieces().size()));
        } catch (IOException damaged) {
            return false;
        }
    }

    private static boolean serves(SentencePieceModel model, BpeModelFields fields) {
        return fields.modelType() == TYPE_BPE && fields.escapesSpaces() && isPlain(model, fields);
    }

    private static boolean isPlain(SentencePieceModel model, BpeModelFields fields) {
        boolean plain = !model.decoding().spaceIsSuffix();
        int bytes = 0;
        for (int id = 0; id < model.pieces().size(); id++) {
            Piece piece = model.pieces().get(id);
            plain &= piece.type() != SentencePieceModel.Type.USER_DEFINED
                    && piece.type() != SentencePieceModel.Type.UNUSED;
            // The library gives a character the id of a control piece of that name.
            plain &= piece.type() == SentencePieceModel.Type.NORMAL
                    || piece.text().codePointCount(0, piece.text().length()) > 1;
            plain &= !Float.isNaN(fields.scores()[id]);
            bytes += piece.type() == SentencePieceModel.Type.BYTE ? 1 : 0;
        }
        return plain && (bytes == BYTES || !fields.byteFallback());
    }

    private static int[] byteIds(List<Piece> pieces) {
        int[] ids = new int[BYTES];
        for (int id = 0; id < pieces.size(); id++) {
            if (pieces.get(id).type() == SentencePieceModel.Type.BYTE) {
                ids[pieces.get(id).value() & 0xFF] = id;
            }
        }
        return ids;
    }

    /** The place of each piece by falling score; equal scores have equal places. */
    private static int[] ranks(float[] scores) {
        float[] sorted = scores.clone();
        Arrays.sort(sorted);
        int[] ranks = new int[scores.length];
        Arrays.setAll(ranks, id -> scores.length - 1 - lastPlace(sorted, scores[id]));
        return ranks;
    }

    private static int lastPlace(float[] sorted, float score) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            // Not Float.compare: to the library, the two zeros are equal.
            if (sorted[middle] <= score) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private void addPieces(List<Piece> pieces) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            if (piece.type() == SentencePieceModel.Type.NORMAL) {
                ids.put(piece.text(), id);
                if (isCharacter(piece.text())) {
                    characters[piece.text().codePointAt(0)] = id + 1;
                }
            }
        }
        int[] nextId = {vocabulary};
        ids.forEach((text, id) -> {
            for (int split = text.offsetByCodePoints(0, 1); split < text.length(); ) {
                int left = symbol(text.substring(0, split), ids, nextId);
                int right = symbol(text.substring(split), ids, nextId);
                if (left >= 0 && right >= 0) {
                    pairs.put(left, right, id);
                }
                split = text.offsetByCodePoints(split, 1);
            }
        });
    }

    private static boolean isCharacter(String text) {
        return text.offsetByCodePoints(0, 1) == text.length();
    }

    /** The symbol of a part of a piece; -1 if merging never makes it. */
    private int symbol(String text, Map<String, Integer> ids, int[] nextId) {
        if (!isCharacter(text)) {
            return ids.getOrDefault(text, -1);
        }
        int point = text.codePointAt(0);
        if (characters[point] == 0) {
            characters[point] = ++nextId[0];
        }
        return characters[point] - 1;
    }

    /** What one thread works with; kept for its next text. */
    private static final class Scratch {
        private static final int KEPT = 1 << 16;

        private final TextNormalizer normalizer;
        private final MergeQueue queue = new MergeQueue();
        private int[] symbols = new int[0];
        private int[] lengths = new int[0];
        private int[] next = new int[0];
        private int[] previous = new int[0];

        Scratch(TextNormalizer normalizer) {
            this.normalizer = normalizer;
        }

        void makeRoom(int length) {
            if (symbols.length < length) {
                int size = Math.max(length, Math.min(KEPT, 2 * length));
                symbols = new int[size];
                lengths = new int[size];
                next = new int[size];
                previous = new int[size];
            }
        }
    }

    /**
     * Encodes a text.
     *
     * @return the ids; null if only the native library can encode it: it has NUL, half a surrogate pair, or is too long
     */
    int @Nullable [] encode(String text) {
        if (text.length() > MergeQueue.MOST_PLACES / 32 || !isWellFormed(text)) {
            return null;
        }
        Scratch work = scratch.get();
        work.normalizer.normalize(text.getBytes(UTF_8));
        int length = work.normalizer.length();
        if (length == 0) {
            return new int[0];
        }
        work.makeRoom(length);
        merge(work, length);
        int[] ids = collect(work, length);
        if (length > Scratch.KEPT) {
            scratch.remove(); // A long text must not occupy the memory of its thread for good.
        }
        return ids;
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == 0) {
                return false;
            }
            if (Character.isSurrogate(unit)) {
                boolean pair = Character.isHighSurrogate(unit)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private void merge(Scratch work, int length) {
        int[] points = work.normalizer.points();
        int[] symbols = work.symbols;
        int[] lengths = work.lengths;
        int[] next = work.next;
        int[] previous = work.previous;
        for (int i = 0; i < length; i++) {
            symbols[i] = characters[points[i]] - 1;
            lengths[i] = 1;
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        next[length - 1] = -1;
        MergeQueue queue = work.queue;
        for (int i = 0; i + 1 < length; i++) {
            offer(work, i);
        }
        while (!queue.isEmpty()) {
            long first = queue.take();
            int left = MergeQueue.place(first);
            int right = lengths[left] == 0 ? -1 : next[left];
            // Both neighbours only ever grow, so this length tells whether they are still what they were.
            if (right < 0 || lengths[left] + lengths[right] != MergeQueue.length(first)) {
                continue;
            }
            symbols[left] = pairs.get(symbols[left], symbols[right]);
            lengths[left] += lengths[right];
            lengths[right] = 0;
            int behind = next[right];
            next[left] = behind;
            if (behind >= 0) {
                previous[behind] = left;
                offer(work, left);
            }
            if (previous[left] >= 0) {
                offer(work, previous[left]);
            }
        }
    }

    /** Queues the symbol at a place with the one behind it if they make a piece. */
    private void offer(Scratch work, int left) {
        int right = work.next[left];
        int first = work.symbols[left];
        int second = work.symbols[right];
        if (first == FOREIGN || second == FOREIGN) {
            return;
        }
        int merged = pairs.get(first, second);
        if (merged >= 0) {
            work.queue.add(ranks[merged], left, work.lengths[left] + work.lengths[right]);
        }
    }

    private int[] collect(Scratch work, int length) {
        int[] points = work.normalizer.points();
        int[] ids = new int[length];
        int count = 0;
        boolean afterUnknown = false;
        for (int at = 0; at >= 0; at = work.next[at]) {
            int symbol = work.symbols[at];
            boolean unknown = symbol == FOREIGN || symbol >= vocabulary;
            if (unknown && fields.byteFallback()) {
                byte[] utf8 = Character.toString(points[at]).getBytes(UTF_8);
                if (count + utf8.length + length > ids.length) {
                    ids = Arrays.copyOf(ids, 2 * ids.length + utf8.length + length);
                }
                for (byte value : utf8) {
                    ids[count++] = byteIds[value & 0xFF];
                }
            } else if (!unknown) {
                ids[count++] = symbol;
            } else if (!afterUnknown) {
                ids[count++] = unknownId; // Several in a row are one.
            }
            afterUnknown = unknown;
        }
        return Arrays.copyOf(ids, count);
    }
}
