package io.github.gptmoe.data.clean;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Drops documents that consist of the wrong characters or lines. Shares are of the characters that are no white space.
 *
 * <p>Source: MAP-CC for digits, brackets and punctuation; Gopher (Rae et al. 2021) for hash signs, ellipses, lists and torn lines,
 * with the same limits in MAP-CC and FineWeb. Shares of lines are judged from 5 lines on (ours), because the one line of a story may
 * well end in an ellipsis. The limit on letters follows Gopher's share of words with letters, lowered because here punctuation counts.
 *
 * @param enabled whether the rule is applied; default true
 * @param minimumLetters the least share of letters, Chinese characters included; default 0.5
 * @param maximumDigits the largest share of digits; default 0.3
 * @param maximumHashes hash signs for each character; default 0.1
 * @param maximumEllipses ellipses for each character; default 0.1
 * @param maximumBrackets the largest share of text between 【 and 】; default 0.1
 * @param maximumBullets the largest share of lines that begin with a bullet; default 0.9
 * @param maximumTornLines the largest share of lines that end in an ellipsis or in 更多 or 展开; default 0.3
 * @param punctuation whether a text of 50 characters or more must have a punctuation mark; default true
 */
public record CompositionRule(
        Boolean enabled,
        Double minimumLetters,
        Double maximumDigits,
        Double maximumHashes,
        Double maximumEllipses,
        Double maximumBrackets,
        Double maximumBullets,
        Double maximumTornLines,
        Boolean punctuation)
        implements RuleSettings {
    private static final int PUNCTUATED_FROM = 50;
    private static final int LINES_FROM = 5;
    private static final String BULLETS = "•●○■□▪▫※·➢‣▶◀◦–-*";
    private static final List<String> TORN = List.of("…", "...", "。。。", "更多", "展开");

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param minimumLetters as above
     * @param maximumDigits as above
     * @param maximumHashes as above
     * @param maximumEllipses as above
     * @param maximumBrackets as above
     * @param maximumBullets as above
     * @param maximumTornLines as above
     * @param punctuation as above
     */
    public CompositionRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        minimumLetters = Objects.requireNonNullElse(minimumLetters, 0.5);
        maximumDigits = Objects.requireNonNullElse(maximumDigits, 0.3);
        maximumHashes = Objects.requireNonNullElse(maximumHashes, 0.1);
        maximumEllipses = Objects.requireNonNullElse(maximumEllipses, 0.1);
        maximumBrackets = Objects.requireNonNullElse(maximumBrackets, 0.1);
        maximumBullets = Objects.requireNonNullElse(maximumBullets, 0.9);
        maximumTornLines = Objects.requireNonNullElse(maximumTornLines, 0.3);
        punctuation = Objects.requireNonNullElse(punctuation, true);
    }

    @Override
    public Map<String, String> problems() {
        return new Limits()
                .share("minimumLetters", minimumLetters)
                .share("maximumDigits", maximumDigits)
                .share("maximumHashes", maximumHashes)
                .share("maximumEllipses", maximumEllipses)
                .share("maximumBrackets", maximumBrackets)
                .share("maximumBullets", maximumBullets)
                .share("maximumTornLines", maximumTornLines)
                .problems();
    }

    @Override
    public CleaningRule rule() {
        return this::apply;
    }

    private RuleOutcome apply(String text) {
        String reason = characters(CharacterCounts.of(text));
        if (reason.isEmpty()) {
            reason = lines(Lines.filled(text));
        }
        return reason.isEmpty() ? RuleOutcome.keep(text) : RuleOutcome.drop(reason);
    }

    private String characters(CharacterCounts counts) {
        double all = Math.max(1, counts.visible());
        if (counts.letters() / all < minimumLetters) {
            return Limits.said("share of letters", counts.letters() / all, minimumLetters);
        }
        if (counts.digits() / all > maximumDigits) {
            return Limits.said("share of digits", counts.digits() / all, maximumDigits);
        }
        if (counts.hashes() / all > maximumHashes) {
            return Limits.said("hash signs for each character", counts.hashes() / all, maximumHashes);
        }
        if (counts.ellipses() / all > maximumEllipses) {
            return Limits.said("ellipses for each character", counts.ellipses() / all, maximumEllipses);
        }
        if (counts.bracketed() / all > maximumBrackets) {
            return Limits.said("share of text in 【】", counts.bracketed() / all, maximumBrackets);
        }
        return punctuation && counts.punctuation() == 0 && all >= PUNCTUATED_FROM ? "no punctuation mark" : "";
    }

    private String lines(List<String> lines) {
        if (lines.size() < LINES_FROM) {
            return "";
        }
        double all = lines.size();
        long bullets = lines.stream()
                .filter(line -> BULLETS.indexOf(line.charAt(0)) >= 0)
                .count();
        if (bullets / all > maximumBullets) {
            return Limits.said("share of lines with bullets", bullets / all, maximumBullets);
        }
        long torn = lines.stream()
                .filter(line -> TORN.stream().anyMatch(line::endsWith))
                .count();
        return torn / all > maximumTornLines ? Limits.said("share of torn lines", torn / all, maximumTornLines) : "";
    }
}
