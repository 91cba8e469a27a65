package io.github.gptmoe.data.clean;

import java.util.Map;
import java.util.Objects;

/**
 * Repairs UTF-8 that was read as GBK or as Latin-1 or Windows-1252 ({@code 浣犲ソ}, {@code ä½ å¥½} for 你好), then takes
 * replacement characters U+FFFD out; {@code 锟斤拷} and {@code ï¿½} are such characters read wrongly. A document in which too much
 * was lost is dropped.
 *
 * <p>Source: the idea of ftfy (Speer 2019), whose tables do not know GBK; WuDao and WanJuan filter garbled text. The conditions and
 * the limit are ours ({@link Mojibake}).
 *
 * @param enabled whether the rule is applied; default true
 * @param repair whether text is repaired; default true
 * @param maximumReplacements the share of replacement characters, after repair, above which a document is dropped; default 0.02
 */
public record EncodingRule(Boolean enabled, Boolean repair, Double maximumReplacements) implements RuleSettings {
    private static final char REPLACEMENT = '\uFFFD';

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param repair as above
     * @param maximumReplacements as above
     */
    public EncodingRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        repair = Objects.requireNonNullElse(repair, true);
        maximumReplacements = Objects.requireNonNullElse(maximumReplacements, 0.02);
    }

    @Override
    public Map<String, String> problems() {
        return new Limits().share("maximumReplacements", maximumReplacements).problems();
    }

    @Override
    public CleaningRule rule() {
        return this::apply;
    }

    private RuleOutcome apply(String text) {
        String repaired = repair ? Mojibake.repair(text) : text;
        if (repaired.indexOf(REPLACEMENT) < 0) {
            return RuleOutcome.keep(repaired);
        }
        long lost = repaired.chars().filter(unit -> unit == REPLACEMENT).count();
        double share = (double) lost / repaired.length();
        if (share > maximumReplacements) {
            return RuleOutcome.drop(Limits.said("share of replacement characters", share, maximumReplacements));
        }
        return RuleOutcome.keep(repaired.replace(String.valueOf(REPLACEMENT), ""));
    }
}
