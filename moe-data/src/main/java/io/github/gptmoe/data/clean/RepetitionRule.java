package io.github.gptmoe.data.clean;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Drops documents that repeat themselves: lines, paragraphs, the most frequent short n-gram, and longer n-grams that occur again.
 *
 * <p>A line or paragraph is a repeated one where it stands for the second time and later; its share is of all lines or paragraphs, or of their
 * characters. The most frequent n-gram counts with all its places. Longer n-grams are looked for from the left; one seen before counts with
 * its characters, and the search goes on behind it.
 *
 * <p>Source: Gopher (Rae et al. 2021, table A1) for lines and paragraphs; FineWeb-2's limits for Chinese for the most frequent n-gram. Those
 * are of words; a Chinese word has 1.6 characters on average, so an n-gram of 2, 3, 4, 5, 6, 8, 10 words is one of 3, 5, 6, 8, 10, 13, 16
 * units. The limits on n-grams that were seen before are ours: FineWeb-2's (0.198, 0.182, 0.154, 0.127) drop 42 % of statutes.
 *
 * @param enabled whether the rule is applied; default true
 * @param minimumCharacters shorter texts pass (ours); default 100
 * @param lines the largest share of repeated lines; default 0.3
 * @param lineCharacters the largest share of their characters; default 0.2
 * @param paragraphs the largest share of repeated paragraphs; default 0.3
 * @param paragraphCharacters the largest share of their characters; default 0.2
 * @param frequent limits on the most frequent n-gram
 * @param repeated limits on all n-grams that were seen before
 */
public record RepetitionRule(
        Boolean enabled,
        Integer minimumCharacters,
        Double lines,
        Double lineCharacters,
        Double paragraphs,
        Double paragraphCharacters,
        List<GramLimit> frequent,
        List<GramLimit> repeated)
        implements RuleSettings {
    private static final List<GramLimit> FREQUENT =
            List.of(new GramLimit(3, 0.256), new GramLimit(5, 0.201), new GramLimit(6, 0.171));
    private static final List<GramLimit> REPEATED =
            List.of(new GramLimit(8, 0.5), new GramLimit(10, 0.45), new GramLimit(13, 0.4), new GramLimit(16, 0.35));

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param minimumCharacters as above
     * @param lines as above
     * @param lineCharacters as above
     * @param paragraphs as above
     * @param paragraphCharacters as above
     * @param frequent as above
     * @param repeated as above
     */
    public RepetitionRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        minimumCharacters = Objects.requireNonNullElse(minimumCharacters, 100);
        lines = Objects.requireNonNullElse(lines, 0.3);
        lineCharacters = Objects.requireNonNullElse(lineCharacters, 0.2);
        paragraphs = Objects.requireNonNullElse(paragraphs, 0.3);
        paragraphCharacters = Objects.requireNonNullElse(paragraphCharacters, 0.2);
        frequent = frequent == null ? FREQUENT : List.copyOf(frequent);
        repeated = repeated == null ? REPEATED : List.copyOf(repeated);
    }

    @Override
    public Map<String, String> problems() {
        Limits limits = new Limits()
                .atLeast("minimumCharacters", minimumCharacters, 0)
                .share("lines", lines)
                .share("lineCharacters", lineCharacters)
                .share("paragraphs", paragraphs)
                .share("paragraphCharacters", paragraphCharacters);
        judge(limits, "frequent", frequent);
        judge(limits, "repeated", repeated);
        return limits.problems();
    }

    private static void judge(Limits limits, String key, List<GramLimit> grams) {
        for (GramLimit gram : grams) {
            limits.require(
                    gram.length() >= 1 && gram.share() >= 0 && gram.share() <= 1,
                    key,
                    "has length " + gram.length() + " with share " + gram.share()
                            + "; lengths must be at least 1, and shares lie between 0 and 1");
        }
    }

    @Override
    public CleaningRule rule() {
        return this::apply;
    }

    private RuleOutcome apply(String text) {
        if (Characters.visible(text) < minimumCharacters) {
            return RuleOutcome.keep(text);
        }
        String reason = parts("lines", Lines.filled(text), lines, lineCharacters);
        if (reason.isEmpty()) {
            reason = parts("paragraphs", Lines.paragraphs(text), paragraphs, paragraphCharacters);
        }
        if (reason.isEmpty()) {
            reason = grams(new TextGrams(text));
        }
        return reason.isEmpty() ? RuleOutcome.keep(text) : RuleOutcome.drop(reason);
    }

    private static String parts(String what, List<String> parts, double mostParts, double mostCharacters) {
        if (parts.size() < 2) {
            return "";
        }
        Set<String> seen = new HashSet<>();
        int again = 0;
        long againCharacters = 0;
        long characters = 0;
        for (String part : parts) {
            characters += part.length();
            if (!seen.add(part)) {
                again++;
                againCharacters += part.length();
            }
        }
        double share = (double) again / parts.size();
        double characterShare = (double) againCharacters / characters;
        if (share > mostParts) {
            return Limits.said("share of repeated " + what, share, mostParts);
        }
        return characterShare > mostCharacters
                ? Limits.said("share of characters in repeated " + what, characterShare, mostCharacters)
                : "";
    }

    private String grams(TextGrams grams) {
        for (GramLimit limit : frequent) {
            if (grams.mayExceed(limit.length(), limit.share())) {
                double share = grams.mostFrequent(limit.length());
                if (share > limit.share()) {
                    return Limits.said("share of the most frequent " + limit.length() + "-gram", share, limit.share());
                }
            }
        }
        for (GramLimit limit : repeated) {
            double share = grams.repeated(limit.length());
            if (share > limit.share()) {
                return Limits.said("share of repeated " + limit.length() + "-grams", share, limit.share());
            }
        }
        return "";
    }
}
