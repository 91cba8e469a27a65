package io.github.gptmoe.data.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
public final class CharacterMap {
    private static final Map<Normalization, CharacterMap> COMPILED = new ConcurrentHashMap<>();

    private final DoubleArray trie;
    private final byte[] replacements;

    private CharacterMap(DoubleArray trie, byte[] replacements) {
        this.trie = trie;
        this.replacements = replacements;
    }

    /**
     * Returns the rules of a normalisation, compiled once in a process.
     *
     * @param normalization which
     * @return null for {@link Normalization#IDENTITY}, which has none
     */
    public static @Nullable CharacterMap of(Normalization normalization) {
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
     * Reads the form that a model file has.
     *
     * @param bytes what {@link #toBytes} gives, or SentencePiece's builder
     * @return the rules
     * @throws IOException if the bytes are no such table
     */
    public static CharacterMap parse(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int size = bytes.length < Integer.BYTES ? -1 : buffer.getInt();
        // The trie has a root; the replacements end in a zero byte, so that reading one ends.
        if (size < Integer.BYTES
                || size % Integer.BYTES != 0
                || size >= buffer.remaining()
                || bytes[bytes.length - 1] != 0) {
            throw new IOException("a damaged table of normalisation");
        }
        int[] units = new int[size / Integer.BYTES];
        buffer.asIntBuffer().get(units);
        return new CharacterMap(new DoubleArray(units), Arrays.copyOfRange(bytes, Integer.BYTES + size, bytes.length));
    }

    /**
     * Looks for the longest rule at a place in a text.
     *
     * @return the place of the replacement in {@link #replacements()} in the upper, the length of what it replaces in the
     *     lower 32 bits; 0 if no rule fits
     */
    long longest(byte[] text, int start, int end) {
        long found = trie.longest(text, start, end);
        // Only a damaged table leads elsewhere; then no rule fits.
        return found >>> Integer.SIZE < replacements.length ? found : 0;
    }

    /** UTF-8, each replacement ended by a zero byte. Owned by this object, not to be changed. */
    byte[] replacements() {
        return replacements;
    }

    /**
     * Returns the form in a model file.
     *
     * @return bytes that belong to the caller
     */
    public byte[] toBytes() {
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
