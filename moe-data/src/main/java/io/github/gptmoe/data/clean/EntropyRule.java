package io.github.gptmoe.data.clean;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * Drops Chinese documents that use few different characters: {@code H = -sum p ln p} over the shares p of characters, white space
 * left aside. Other scripts have alphabets of lower entropy and are not judged.
 *
 * <p>Source: MAP-CC, 3 nats. A text of n characters cannot exceed ln n, so short ones are not judged (ours).
 *
 * @param enabled whether the rule is applied; default true
 * @param minimumNats the least entropy; default 3
 * @param minimumCharacters shorter texts pass; default 100
 */
public record EntropyRule(Boolean enabled, Double minimumNats, Integer minimumCharacters) implements RuleSettings {
    /** A power of two. */
    private static final int BUCKETS = 1024;

    private static final double ROUNDING = 1e-9;

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param minimumNats as above
     * @param minimumCharacters as above
     */
    public EntropyRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        minimumNats = Objects.requireNonNullElse(minimumNats, 3.0);
        minimumCharacters = Objects.requireNonNullElse(minimumCharacters, 100);
    }

    @Override
    public Map<String, String> problems() {
        return new Limits()
                .require(
                        minimumNats >= 0 && minimumNats <= 8,
                        "minimumNats",
                        "is " + minimumNats + "; it must lie between 0 and 8, of which Chinese prose has 5 to 6")
                .atLeast("minimumCharacters", minimumCharacters, 0)
                .problems();
    }

    @Override
    public CleaningRule rule() {
        return this::apply;
    }

    private RuleOutcome apply(String text) {
        CharacterCounts counts = CharacterCounts.of(text);
        if (counts.visible() < minimumCharacters || 2 * counts.han() < counts.visible()) {
            return RuleOutcome.keep(text);
        }
        if (leastEntropy(text, counts.visible()) > minimumNats) {
            return RuleOutcome.keep(text);
        }
        double entropy = entropy(text, counts.visible());
        return entropy < minimumNats
                ? RuleOutcome.drop(Limits.said("entropy of characters", entropy, minimumNats))
                : RuleOutcome.keep(text);
    }

    /**
     * A bound that needs no sorting, and enough for most texts: characters counted together have no more entropy than each by itself,
     * and the entropy of order 2, {@code -ln sum p^2}, is no more than that of order 1.
     */
    private static double leastEntropy(String text, int visible) {
        int[] counts = new int[BUCKETS];
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (!Characters.isSpace(point)) {
                counts[point & (BUCKETS - 1)]++;
            }
        }
        double squares = 0;
        for (int count : counts) {
            squares += (double) count * count;
        }
        return -Math.log(squares / ((double) visible * visible)) - ROUNDING;
    }

    private static double entropy(String text, int visible) {
        int[] points = new int[visible];
        int count = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (!Characters.isSpace(point)) {
                points[count++] = point;
            }
        }
        Arrays.sort(points); // So that the sum has one order and with it one value.
        double entropy = 0;
        for (int i = 0; i < count; ) {
            int start = i;
            while (i < count && points[i] == points[start]) {
                i++;
            }
            double share = (double) (i - start) / visible;
            entropy -= share * Math.log(share);
        }
        return entropy;
    }
}
