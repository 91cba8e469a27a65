package io.github.gptmoe.data.clean;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Drops documents that are too short or too long, and those of very short lines, which are menus and lists.
 *
 * <p>Source: WuDao ignores pages with fewer than 10 Chinese characters; ChineseWebText drops texts of lines of fewer than 10
 * characters on average and below 200 in all, MAP-CC below 50; Gopher drops above 100,000 words. The defaults are the mildest of these, but
 * for lines: verses of five characters with their comma must pass.
 *
 * @param enabled whether the rule is applied; default true
 * @param minimumCharacters the fewest characters that are no white space; default 10
 * @param maximumCharacters the most; default 1,000,000
 * @param minimumMeanLine the fewest characters of a line on average, empty lines left aside; default 4
 */
public record LengthRule(Boolean enabled, Integer minimumCharacters, Integer maximumCharacters, Double minimumMeanLine)
        implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param minimumCharacters as above
     * @param maximumCharacters as above
     * @param minimumMeanLine as above
     */
    public LengthRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        minimumCharacters = Objects.requireNonNullElse(minimumCharacters, 10);
        maximumCharacters = Objects.requireNonNullElse(maximumCharacters, 1_000_000);
        minimumMeanLine = Objects.requireNonNullElse(minimumMeanLine, 4.0);
    }

    @Override
    public Map<String, String> problems() {
        return new Limits()
                .atLeast("minimumCharacters", minimumCharacters, 0)
                .require(
                        maximumCharacters >= minimumCharacters,
                        "maximumCharacters",
                        "is " + maximumCharacters + ", below minimumCharacters " + minimumCharacters + "; raise it")
                .require(
                        minimumMeanLine >= 0 && Double.isFinite(minimumMeanLine),
                        "minimumMeanLine",
                        "is " + minimumMeanLine + "; it must be at least 0")
                .problems();
    }

    @Override
    public CleaningRule rule() {
        return this::apply;
    }

    private RuleOutcome apply(String text) {
        int visible = Characters.visible(text);
        if (visible < minimumCharacters) {
            return RuleOutcome.drop(visible + " characters, fewer than " + minimumCharacters);
        }
        if (visible > maximumCharacters) {
            return RuleOutcome.drop(visible + " characters, more than " + maximumCharacters);
        }
        List<String> lines = Lines.filled(text);
        double mean = (double) visible / Math.max(1, lines.size());
        return mean < minimumMeanLine
                ? RuleOutcome.drop(Limits.said("characters of a line on average", mean, minimumMeanLine))
                : RuleOutcome.keep(text);
    }
}
