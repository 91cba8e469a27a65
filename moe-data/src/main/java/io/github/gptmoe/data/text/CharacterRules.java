package io.github.gptmoe.data.text;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rules behind a {@link Normalization}: which characters, or short sequences of them, become what. They are applied
 * from left to right, the longest that fits first.
 *
 * <p>Compatibility composition cannot be written exactly as such rules, because a character may be followed by any number of
 * combining marks. SentencePiece's approximation is made here: a rule for each character that changes alone, and for each
 * way to spell the decomposition of a character that some character composes. The characters are those that this Java knows;
 * Java 17 has Unicode 13, as the tables of SentencePiece 0.1.97 have.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/doc/normalization.md">SentencePiece on
 *     normalisation</a>
 */
public final class CharacterRules {
    private static final int[] SPACES = {
        0x0009, 0x000A, 0x000C, 0x000D, 0x1680, 0x200B, 0x200C, 0x200E, 0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD
    };
    private static final int FULL_WIDTH_TILDE = 0xFF5E;

    private CharacterRules() {}

    /**
     * Makes the rules of a normalisation.
     *
     * @param normalization which
     * @return sequence to replacement; none for {@link Normalization#IDENTITY}
     */
    public static Map<String, String> of(Normalization normalization) {
        return switch (normalization) {
            case IDENTITY -> Map.of();
            case NFKC -> withoutRedundant(compatibilityComposition());
            case NMT_NFKC -> withoutRedundant(withWhiteSpace(compatibilityComposition()));
        };
    }

    private static Map<String, String> compatibilityComposition() {
        Map<String, String> rules = new HashMap<>();
        Set<String> decompositions = new HashSet<>();
        // Which characters decompose to one other; every character is also a spelling of itself.
        Map<Integer, List<Integer>> spellings = new HashMap<>();
        for (int point = 1; point <= Character.MAX_CODE_POINT; point++) {
            if (!Character.isDefined(point) || Character.getType(point) == Character.SURROGATE) {
                continue;
            }
            String single = Character.toString(point);
            if (!Normalizer.isNormalized(single, Form.NFKC)) {
                String composed = Normalizer.normalize(single, Form.NFKC);
                if (!composed.equals(single)) {
                    rules.put(single, composed);
                }
            }
            if (Normalizer.isNormalized(single, Form.NFKD)) {
                continue;
            }
            String decomposed = Normalizer.normalize(single, Form.NFKD);
            if (decomposed.codePointCount(0, decomposed.length()) > 1) {
                decompositions.add(decomposed);
            } else {
                spellings
                        .computeIfAbsent(decomposed.codePointAt(0), key -> new ArrayList<>())
                        .add(point);
            }
        }
        for (String decomposed : decompositions) {
            String composed = Normalizer.normalize(decomposed, Form.NFKC);
            if (!composed.equals(decomposed)) {
                for (String spelling : spellings(decomposed, spellings)) {
                    if (!spelling.equals(composed)) {
                        rules.put(spelling, composed);
                    }
                }
            }
        }
        return rules;
    }

    private static List<String> spellings(String decomposed, Map<Integer, List<Integer>> spellings) {
        List<String> written = List.of("");
        for (int point : decomposed.codePoints().toArray()) {
            List<String> longer = new ArrayList<>();
            for (String begun : written) {
                longer.add(begun + Character.toString(point));
                for (int other : spellings.getOrDefault(point, List.of())) {
                    longer.add(begun + Character.toString(other));
                }
            }
            written = longer;
        }
        return written;
    }

    /** Changes the map it is given. */
    private static Map<String, String> withWhiteSpace(Map<String, String> rules) {
        for (int control = 0x01; control < 0x20; control++) {
            rules.put(Character.toString(control), "");
        }
        // These three and none between them, as in SentencePiece.
        for (int control : new int[] {0x7F, 0x8F, 0x9F}) {
            rules.put(Character.toString(control), "");
        }
        for (int space : SPACES) {
            rules.put(Character.toString(space), " ");
        }
        rules.remove(Character.toString(FULL_WIDTH_TILDE));
        return rules;
    }

    /** Leaves out the rules that say what shorter ones say together; that is most of them. */
    private static Map<String, String> withoutRedundant(Map<String, String> rules) {
        Map<Integer, List<Map.Entry<String, String>>> byLength = new TreeMap<>();
        for (Map.Entry<String, String> rule : rules.entrySet()) {
            int length = rule.getKey().codePointCount(0, rule.getKey().length());
            byLength.computeIfAbsent(length, key -> new ArrayList<>()).add(rule);
        }
        Map<String, String> kept = new HashMap<>();
        // Rules of one length are judged by shorter ones only, so all at once.
        byLength.forEach((length, ofLength) -> ofLength.parallelStream()
                .filter(rule ->
                        length == 1 || !apply(kept, rule.getKey(), length - 1).equals(rule.getValue()))
                .toList()
                .forEach(rule -> kept.put(rule.getKey(), rule.getValue())));
        return kept;
    }

    /**
     * Applies rules from left to right, the longest that fits first. Slow; {@link CharacterMap} is the fast form.
     *
     * @param rules sequence to replacement
     * @param text any text
     * @param longest rules with more characters are left alone
     * @return the text with its replacements
     */
    public static String apply(Map<String, String> rules, String text, int longest) {
        StringBuilder normalized = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int end = at;
            for (int count = 0; count < longest && end < text.length(); count++) {
                end = text.offsetByCodePoints(end, 1);
            }
            String replacement = null;
            while (end > at && replacement == null) {
                replacement = rules.get(text.substring(at, end));
                end = replacement == null ? text.offsetByCodePoints(end, -1) : end;
            }
            if (replacement == null) {
                end = text.offsetByCodePoints(at, 1);
                replacement = text.substring(at, end);
            }
            normalized.append(replacement);
            at = end;
        }
        return normalized.toString();
    }
}
