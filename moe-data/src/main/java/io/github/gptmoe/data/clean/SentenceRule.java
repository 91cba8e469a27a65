package io.github.gptmoe.data.clean;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Takes out lines that do not end a sentence: titles, menus, the torn end of a page.
 *
 * <p>Source: C4 and CLUECorpus2020 keep lines that end in a punctuation mark; WuDao drops an unfinished last paragraph. Off by
 * default, because headings, verses and lists of good text go with them.
 *
 * @param enabled whether the rule is applied; default false
 * @param ends characters that may end a line; default {@code 。！？…；：”’」』）》.!?;:"')}
 */
public record SentenceRule(Boolean enabled, String ends) implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param ends as above
     */
    public SentenceRule {
        enabled = Objects.requireNonNullElse(enabled, false);
        ends = Objects.requireNonNullElse(ends, "。！？…；：”’」』）》.!?;:\"')");
    }

    @Override
    public Map<String, String> problems() {
        return new Limits()
                .require(!ends.isBlank(), "ends", "is empty, so every line would go; list punctuation marks")
                .problems();
    }

    @Override
    public CleaningRule rule() {
        return text -> RuleOutcome.keep(finished(text));
    }

    private String finished(String text) {
        List<String> kept = new ArrayList<>();
        boolean changed = false;
        for (String line : Lines.of(text)) {
            String stripped = line.stripTrailing();
            boolean ended = stripped.isEmpty() || ends.indexOf(stripped.charAt(stripped.length() - 1)) >= 0;
            changed |= !ended;
            if (ended) {
                kept.add(line);
            }
        }
        return changed ? String.join("\n", kept) : text;
    }
}
