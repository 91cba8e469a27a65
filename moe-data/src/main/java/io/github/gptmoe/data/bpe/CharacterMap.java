package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a {@link Normalization} in the form that a model file carries ({@code precompiled_charsmap}): four bytes with
 * the size of the trie, little-endian, the trie from UTF-8 sequences to places, and the replacements, each ended by a zero byte.
 *
 * <p>Safe for several threads.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/builder.cc">SentencePiece's builder.cc</a>
 */
final class CharacterMap {
    private static final Map<Normalization, CharacterMap> COMPILED = new ConcurrentHashMap<>();

    private final DoubleArray trie;
    private final byte[] replacements;

    private CharacterMap(DoubleArray trie, byte[] replacements) {
        this.trie = trie;
        this.replacements = replacements;
    }

    /** The rules of a normalisation, compiled once in a process; null for {@link Normalization#IDENTITY}, which has none. */
    static @Nullable CharacterMap of(Normalization normalization) {
        return normalization == Normalization.IDENTITY
                ? null
                : COMPILED.computeIfAbsent(normalization, key -> compile(CharacterRules.of(key)));
    }

    /** Compiles rules, of which there must be some. */
    static CharacterMap compile(Map<String, String> rules) {
        ByteArrayOutputStream replacements = new ByteArrayOutputStream();
        Map<String, Integer> places = new HashMap<>();
        for (String replacement : new TreeSet<>(rules.values())) {
            places.put(replacement, replacements.size());
            replacements.writeBytes(replacement.getBytes(UTF_8));
            replacements.write(0);
        }
        List<Map.Entry<byte[], String>> sorted = new ArrayList<>(rules.size());
        rules.forEach((key, replacement) -> sorted.add(Map.entry(key.getBytes(UTF_8), replacement)));
        sorted.sort((a, b) -> Arrays.compareUnsigned(a.getKey(), b.getKey()));
        byte[][] keys = sorted.stream().map(Map.Entry::getKey).toArray(byte[][]::new);
        int[] values = sorted.stream()
                .mapToInt(rule -> Objects.requireNonNull(places.get(rule.getValue())))
                .toArray();
        return new CharacterMap(DoubleArrayBuilder.build(keys, values), replacements.toByteArray());
    }

    /**
     * Looks for the longest rule at a place in a text.
     *
     * @return the place of the replacement in {@link #replacements()} in the upper, the length of what it replaces in the
     *     lower 32 bits; 0 if no rule fits
     */
    long longest(byte[] text, int start, int end) {
        return trie.longest(text, start, end);
    }

    /** UTF-8, each replacement ended by a zero byte. Owned by this object, not to be changed. */
    byte[] replacements() {
        return replacements;
    }

    /** The form in a model file. */
    byte[] toBytes() {
        byte[] units = trie.toBytes();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            bytes.write(units.length >>> shift);
        }
        bytes.writeBytes(units);
        bytes.writeBytes(replacements);
        return bytes.toByteArray();
    }
}
