package io.github.gptmoe.data.clean;

import java.util.Map;
import java.util.Objects;

/**
 * Takes out characters without a shape: controls, zero-width characters, byte-order marks, direction marks, soft hyphens,
 * tag characters and non-characters; all kinds of line ends become LF, all kinds of spaces become U+0020.
 *
 * <p>Source: WuDao and MAP-CC remove invisible and abnormal characters. Zero-width joiners hold composed emoji and some Indic scripts
 * together, so this is a rule for Chinese and Western text.
 *
 * @param enabled whether the rule is applied; default true
 * @param privateUse whether characters of the private-use areas, which are icons of some font, are taken out too; default true
 */
public record ControlRule(Boolean enabled, Boolean privateUse) implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param privateUse as above
     */
    public ControlRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        privateUse = Objects.requireNonNullElse(privateUse, true);
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
        int clean = 0;
        while (clean < text.length() && isPlain(text.charAt(clean))) {
            clean++;
        }
        if (clean == text.length()) {
            return RuleOutcome.keep(text);
        }
        StringBuilder out = new StringBuilder(text.length()).append(text, 0, clean);
        for (int i = clean; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (point == '\r') {
                boolean pair = i < text.length() && text.charAt(i) == '\n';
                out.append(pair ? "" : "\n");
            } else {
                append(out, point);
            }
        }
        String result = out.toString();
        return RuleOutcome.keep(result.equals(text) ? text : result);
    }

    /** Characters of nearly all text, which need no look at their type. */
    private static boolean isPlain(char unit) {
        return unit == '\n'
                || (unit >= 0x20 && unit < 0x7F)
                || (unit >= 0x4E00 && unit <= 0x9FA5)
                || (unit >= 0x3001 && unit <= 0x3020)
                || (unit >= 0xFF01 && unit <= 0xFF5E)
                || (unit >= 0x2013 && unit <= 0x2027);
    }

    private void append(StringBuilder out, int point) {
        switch (Character.getType(point)) {
            case Character.CONTROL -> {
                if (point == '\n' || point == 0x85 || point == 0x0B || point == 0x0C) {
                    out.append('\n');
                } else if (point == '\t') {
                    out.append(' ');
                }
            }
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> out.append('\n');
            case Character.SPACE_SEPARATOR -> out.append(' ');
            case Character.FORMAT, Character.SURROGATE -> {}
            case Character.PRIVATE_USE -> {
                if (!privateUse) {
                    out.appendCodePoint(point);
                }
            }
            default -> {
                if (!isVariationSelector(point) && !isNonCharacter(point)) {
                    out.appendCodePoint(point);
                }
            }
        }
    }

    private static boolean isVariationSelector(int point) {
        return (point >= 0xFE00 && point <= 0xFE0F) || (point >= 0xE0100 && point <= 0xE01EF);
    }

    /** Not "unassigned": what is unassigned depends on the version of Java. */
    private static boolean isNonCharacter(int point) {
        return (point >= 0xFDD0 && point <= 0xFDEF) || (point & 0xFFFE) == 0xFFFE;
    }
}
