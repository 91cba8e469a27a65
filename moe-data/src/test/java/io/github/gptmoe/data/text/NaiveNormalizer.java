package io.github.gptmoe.data.text;

import java.util.Map;

/** Normalisation written down as it is defined. */
public final class NaiveNormalizer {
    private NaiveNormalizer() {}

    /** Normalises a text without U+2581, unless the rules make that a space. */
    public static String normalize(String sentence, Map<String, String> rules, TextRules how) {
        String text = rules.isEmpty() ? sentence : CharacterRules.apply(rules, sentence, 8);
        if (how.removeExtraSpaces()) {
            text = text.replaceAll(" +", " ").replaceAll("^ | $", "");
        }
        if (text.isEmpty() && (how.removeExtraSpaces() || sentence.isEmpty())) {
            return text;
        }
        return ((how.dummyPrefix() ? " " : "") + text).replace(' ', '\u2581');
    }
}
