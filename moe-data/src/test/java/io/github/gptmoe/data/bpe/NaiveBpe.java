package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.text.CharacterRules;
import io.github.gptmoe.data.text.NaiveNormalizer;
import io.github.gptmoe.data.text.Normalization;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Byte-pair encoding written down as it is defined, looking at all of the text before each merge. Rules are applied to text. */
final class NaiveBpe {
    private static final String UNKNOWN = "\0";

    private static final Map<Normalization, Map<String, String>> RULES = new ConcurrentHashMap<>();

    private final BpeConfig config;
    private final List<String> pieces = new ArrayList<>();

    /** A symbol: which two it was made of matters, not only its text. */
    private record Symbol(
            String text, @Nullable Symbol left, @Nullable Symbol right) {}

    private record Pair(Symbol left, Symbol right) {
        String text() {
            return left.text() + right.text();
        }
    }

    private record Place(int word, int offset) {}

    private record Row(List<Symbol> symbols, long count) {}

    private NaiveBpe(BpeConfig config) {
        this.config = config;
    }

    /** All pieces behind those of other kinds. */
    static List<String> train(List<String> sentences, BpeConfig config) {
        NaiveBpe naive = new NaiveBpe(config);
        naive.run(sentences);
        return naive.pieces;
    }

    private void run(List<String> sentences) {
        Map<String, String> rules = RULES.computeIfAbsent(config.text().normalization(), CharacterRules::of);
        List<MetaPieces.Piece> metaPieces = MetaPieces.of(config);
        Map<String, Long> words = new LinkedHashMap<>();
        for (String sentence : sentences) {
            String text = NaiveNormalizer.normalize(sentence, rules, config.text());
            for (MetaPieces.Piece piece : metaPieces.stream()
                    .sorted(Comparator.comparing(piece -> -piece.text().length()))
                    .toList()) {
                text = text.replace(piece.text(), "\t");
            }
            String split = config.pieces().splitSpaces()
                    ? config.pieces().spaceOnlyPieces() ? "(?<=[^\u2581])(?=\u2581)" : "(?=\u2581)"
                    : "\0";
            for (String word : text.split(split, 0)) {
                if (!word.isEmpty()) {
                    words.merge(word, 1L, Long::sum);
                }
            }
        }
        List<String> alphabet = alphabet(words);
        List<Row> rows = rows(words, new HashSet<>(alphabet));
        int wanted = config.vocabulary() - metaPieces.size() - alphabet.size();
        merge(rows, wanted);
        pieces.addAll(alphabet);
    }

    private List<String> alphabet(Map<String, Long> words) {
        Map<String, Long> counts = new TreeMap<>();
        long all = 0;
        for (Map.Entry<String, Long> word : words.entrySet()) {
            for (int point : word.getKey().codePoints().toArray()) {
                counts.merge(Character.toString(point), word.getValue(), Long::sum);
                all += word.getValue();
            }
        }
        Set<String> required = new HashSet<>();
        config.alphabet().required().codePoints().forEach(point -> required.add(Character.toString(point)));
        required.forEach(character -> counts.putIfAbsent(character, 0L));
        List<String> order = new ArrayList<>(counts.keySet());
        order.sort(Comparator.comparing((String character) -> !required.contains(character))
                .thenComparing(character -> -counts.get(character))
                .thenComparing(character -> character.codePointAt(0)));
        List<String> chosen = new ArrayList<>();
        long covered = 0;
        for (String character : order) {
            if ((float) ((double) covered / all) >= (float) config.alphabet().coverage()) {
                break;
            }
            covered += counts.get(character);
            if (!character.equals("\t")) {
                chosen.add(character);
            }
        }
        chosen.sort(Comparator.comparing((String character) -> -counts.get(character))
                .thenComparing(character -> character.codePointAt(0)));
        return chosen;
    }

    private static List<Row> rows(Map<String, Long> words, Set<String> alphabet) {
        List<Map.Entry<String, Long>> sorted = new ArrayList<>(words.entrySet());
        sorted.sort(Comparator.comparing((Map.Entry<String, Long> word) -> -word.getValue()));
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<String, Long> word : sorted) {
            List<Symbol> symbols = new ArrayList<>();
            for (int point : word.getKey().codePoints().toArray()) {
                String character = Character.toString(point);
                symbols.add(new Symbol(alphabet.contains(character) ? character : UNKNOWN, null, null));
            }
            rows.add(new Row(symbols, word.getValue()));
        }
        return rows;
    }

    private void merge(List<Row> rows, int wanted) {
        // Where a pair was when it was first seen, overlaps dropped: it counts nowhere else, ever.
        Map<Pair, Set<Place>> first = new LinkedHashMap<>();
        Set<Pair> refused = new HashSet<>();
        Set<String> texts = new HashSet<>();
        while (pieces.size() < wanted) {
            Map<Pair, Set<Place>> now = places(rows);
            now.forEach((pair, places) ->
                    first.putIfAbsent(pair, config.pieces().countOverlaps() ? places : withoutOverlaps(pair, places)));
            Pair best = null;
            long bestCount = 0;
            for (Map.Entry<Pair, Set<Place>> known : first.entrySet()) {
                Pair pair = known.getKey();
                Set<Place> places = new HashSet<>(now.getOrDefault(pair, Set.of()));
                places.retainAll(known.getValue());
                long count = places.stream()
                        .mapToLong(place -> rows.get(place.word()).count())
                        .sum();
                if (count > 0 && !refused.contains(pair) && (best == null || isBefore(pair, count, best, bestCount))) {
                    best = pair;
                    bestCount = count;
                }
            }
            if (best == null) {
                return;
            }
            refused.add(best);
            if (texts.add(best.text())) {
                pieces.add(best.text());
                replace(rows, best, first.getOrDefault(best, Set.of()));
            }
        }
    }

    private static boolean isBefore(Pair pair, long count, Pair other, long otherCount) {
        int[] text = pair.text().codePoints().toArray();
        int[] otherText = other.text().codePoints().toArray();
        if (count != otherCount) {
            return count > otherCount;
        }
        if (text.length != otherText.length) {
            return text.length < otherText.length;
        }
        return Arrays.compare(text, otherText) < 0;
    }

    /** Allowed pairs in the order of the text, and where they begin, in characters. */
    private Map<Pair, Set<Place>> places(List<Row> rows) {
        Map<Pair, Set<Place>> places = new LinkedHashMap<>();
        for (int word = 0; word < rows.size(); word++) {
            List<Symbol> symbols = rows.get(word).symbols();
            int offset = 0;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                Pair pair = new Pair(symbols.get(i), symbols.get(i + 1));
                if (isAllowed(pair.text(), config.pieces())) {
                    places.computeIfAbsent(pair, key -> new LinkedHashSet<>()).add(new Place(word, offset));
                }
                offset += symbols.get(i)
                        .text()
                        .codePointCount(0, symbols.get(i).text().length());
            }
        }
        return places;
    }

    private static Set<Place> withoutOverlaps(Pair pair, Set<Place> places) {
        int length = pair.left().text().codePointCount(0, pair.left().text().length());
        Set<Place> kept = new HashSet<>();
        for (Place place : places) {
            boolean overlaps = kept.contains(new Place(place.word(), place.offset() - length));
            if (!pair.left().equals(pair.right()) || !overlaps) {
                kept.add(place);
            }
        }
        return kept;
    }

    private static void replace(List<Row> rows, Pair pair, Set<Place> where) {
        Symbol merged = new Symbol(pair.text(), pair.left(), pair.right());
        for (int word = 0; word < rows.size(); word++) {
            List<Symbol> symbols = rows.get(word).symbols();
            int offset = 0;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                if (symbols.get(i).equals(pair.left())
                        && symbols.get(i + 1).equals(pair.right())
                        && where.contains(new Place(word, offset))) {
                    symbols.set(i, merged);
                    symbols.remove(i + 1);
                }
                offset += symbols.get(i)
                        .text()
                        .codePointCount(0, symbols.get(i).text().length());
            }
        }
    }

    static boolean isAllowed(String piece, PieceRules rules) {
        int[] points = piece.codePoints().toArray();
        if (points.length > rules.maxLength() || piece.contains(UNKNOWN)) {
            return false;
        }
        boolean onlySpaces = piece.matches("\u2581+");
        if (piece.indexOf('\u2581', 1) > 0 && !(onlySpaces && rules.spaceOnlyPieces())) {
            if (rules.splitSpaces() || piece.endsWith("\u2581")) {
                return false;
            }
        }
        if (rules.splitDigits() && points.length > 1 && piece.matches(".*[0-9\uFF10-\uFF19].*")) {
            return false;
        }
        if (!rules.splitScripts()) {
            return true;
        }
        UnicodeScript before = null;
        for (int point : points) {
            if (point == 0x2581) {
                continue;
            }
            UnicodeScript script = UnicodeScript.of(point);
            if (Set.of(UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA).contains(script) || point == 0x30FC) {
                script = UnicodeScript.HAN;
            } else if (script == UnicodeScript.UNKNOWN) {
                script = UnicodeScript.COMMON;
            } else if (script == UnicodeScript.INHERITED) {
                script = before;
            }
            if (!rules.splitNumbers() && Character.toString(point).matches("[0-9\uFF10-\uFF19]")) {
                script = null;
            }
            if (before != null && script != null && before != script) {
                return false;
            }
            before = script;
        }
        return true;
    }

    /** Segments a text by a vocabulary: of all neighbours that are a piece together, the earliest piece, leftmost, is made. */
    static List<String> encode(String normalized, List<String> pieces) {
        Map<String, Integer> rank = new HashMap<>();
        pieces.forEach(piece -> rank.putIfAbsent(piece, rank.size()));
        List<String> symbols = new ArrayList<>();
        normalized.codePoints().forEach(point -> symbols.add(Character.toString(point)));
        while (true) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int made = rank.getOrDefault(symbols.get(i) + symbols.get(i + 1), Integer.MAX_VALUE);
                if (made < bestRank) {
                    bestRank = made;
                    best = i;
                }
            }
            if (best < 0) {
                return symbols;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }
}
