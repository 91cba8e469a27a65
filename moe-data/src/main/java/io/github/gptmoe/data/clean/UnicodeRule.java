package io.github.gptmoe.data.clean;

import java.text.Normalizer;
import java.util.Map;
import java.util.Objects;

/**
 * Writes the same characters in one way: a normal form of Unicode; full-width Latin letters and digits as ASCII; the radicals of
 * U+2F00, which PDF files have in place of characters, as those characters.
 *
 * <p>Source: MAP-CC unifies widths; the SentencePiece default is NFKC. NFC is the default here because NFKC would turn ，：？ into
 * ASCII.
 *
 * @param enabled whether the rule is applied; default true
 * @param form {@code none}, {@code nfc} (default) or {@code nfkc}
 * @param fold whether full-width letters and digits, and radicals, are changed; default true
 */
public record UnicodeRule(Boolean enabled, UnicodeForm form, Boolean fold) implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param form as above
     * @param fold as above
     */
    public UnicodeRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        form = Objects.requireNonNullElse(form, UnicodeForm.NFC);
        fold = Objects.requireNonNullElse(fold, true);
    }

    @Override
    public Map<String, String> problems() {
        return Map.of();
    }

    @Override
    public CleaningRule rule() {
        return text -> RuleOutcome.keep(folded(normal(text)));
    }

    private String normal(String text) {
        return switch (form) {
            case NONE -> text;
            case NFC -> normal(text, Normalizer.Form.NFC);
            case NFKC -> normal(text, Normalizer.Form.NFKC);
        };
    }

    private static String normal(String text, Normalizer.Form form) {
        return Normalizer.isNormalized(text, form) ? text : Normalizer.normalize(text, form);
    }

    private String folded(String text) {
        if (!fold || !foldsAny(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (!folds(unit)) {
                out.append(unit);
            } else {
                out.append(Normalizer.normalize(String.valueOf(unit), Normalizer.Form.NFKC));
            }
        }
        return out.toString();
    }

    private static boolean foldsAny(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (folds(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean folds(int unit) {
        return (unit >= 0xFF10 && unit <= 0xFF19)
                || (unit >= 0xFF21 && unit <= 0xFF3A)
                || (unit >= 0xFF41 && unit <= 0xFF5A)
                || (unit >= 0x2F00 && unit <= 0x2FD5);
    }
}
