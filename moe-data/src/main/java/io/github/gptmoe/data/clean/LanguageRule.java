package io.github.gptmoe.data.clean;

import java.util.Map;
import java.util.Objects;

/**
 * Drops documents that are not Chinese: the share of Chinese characters among those that are no white space is too low.
 *
 * <p>Source: ChineseWebText, 0.3; MNBVC asks for 0.7 of web pages. Where English text belongs to the corpus,
 * {@code allowLatin} keeps it.
 *
 * @param enabled whether the rule is applied; default true
 * @param minimumHan the least share of Chinese characters; default 0.3
 * @param allowLatin whether texts are kept of which at least 0.6 are Latin letters; default false
 */
public record LanguageRule(Boolean enabled, Double minimumHan, Boolean allowLatin) implements RuleSettings {
    private static final double MOSTLY_LATIN = 0.6;

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param minimumHan as above
     * @param allowLatin as above
     */
    public LanguageRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        minimumHan = Objects.requireNonNullElse(minimumHan, 0.3);
        allowLatin = Objects.requireNonNullElse(allowLatin, false);
    }

    @Override
    public Map<String, String> problems() {
        return new Limits().share("minimumHan", minimumHan).problems();
    }

    @Override
    public CleaningRule rule() {
        return this::apply;
    }

    private RuleOutcome apply(String text) {
        CharacterCounts counts = CharacterCounts.of(text);
        double all = Math.max(1, counts.visible());
        double han = counts.han() / all;
        boolean kept = han >= minimumHan || (allowLatin && counts.latin() / all >= MOSTLY_LATIN);
        return kept
                ? RuleOutcome.keep(text)
                : RuleOutcome.drop(Limits.said("share of Chinese characters", han, minimumHan));
    }
}
