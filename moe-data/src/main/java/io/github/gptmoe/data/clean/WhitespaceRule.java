package io.github.gptmoe.data.clean;

import java.util.Map;
import java.util.Objects;

/**
 * Takes out superfluous white space: around lines, more than one space in a row, more than one empty line in a row, empty lines
 * at both ends.
 *
 * <p>Source: WuDao, which also removes the spaces between Chinese characters ({@code join}).
 *
 * @param enabled whether the rule is applied; default true
 * @param join whether spaces between two Chinese characters are taken out; default false, because they divide verses and names
 */
public record WhitespaceRule(Boolean enabled, Boolean join) implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param join as above
     */
    public WhitespaceRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        join = Objects.requireNonNullElse(join, false);
    }

    @Override
    public Map<String, String> problems() {
        return Map.of();
    }

    @Override
    public CleaningRule rule() {
        return this::apply;
    }

    private RuleOutcome apply(String text) {
        if (isTidy(text)) {
            return RuleOutcome.keep(text);
        }
        StringBuilder out = new StringBuilder(text.length());
        int ends = 0;
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == '\n') {
                ends++;
                space = false;
            } else if (Characters.isSpace(unit)) {
                space = true;
            } else {
                if (ends > 0 && !out.isEmpty()) {
                    out.append(ends == 1 ? "\n" : "\n\n");
                } else if (space && ends == 0 && !out.isEmpty() && !joins(out, text, i)) {
                    out.append(' ');
                }
                out.append(unit);
                ends = 0;
                space = false;
            }
        }
        boolean same = out.length() == text.length() && text.contentEquals(out);
        return RuleOutcome.keep(same ? text : out.toString());
    }

    /** Whether nothing can change: most text has been tidied, and needs no copy to see that. */
    private boolean isTidy(String text) {
        int ends = 1; // As if a line had ended before the text.
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == '\n') {
                ends++;
                if (space || ends > 2 || i == 0) {
                    return false;
                }
            } else if (unit == ' ') {
                if (join || space || ends > 0) {
                    return false;
                }
                space = true;
            } else if (Characters.isSpace(unit)) {
                return false;
            } else {
                ends = 0;
                space = false;
            }
        }
        return !space && ends == 0;
    }

    private boolean joins(StringBuilder out, String text, int next) {
        return join && Characters.isHan(out.codePointBefore(out.length())) && Characters.isHan(text.codePointAt(next));
    }
}
