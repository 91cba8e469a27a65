package io.github.gptmoe.data.clean;

import com.ibm.icu.text.Transliterator;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;

/**
 * Turns traditional characters into simplified ones with the table of ICU ({@code Traditional-Simplified}).
 *
 * <p>Source: WuDao converts all text. Off by default: classical texts and names lose distinctions ({@code 乾}, {@code 後}).
 *
 * @param enabled whether the rule is applied; default false
 */
public record SimplifiedRule(Boolean enabled) implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     */
    public SimplifiedRule {
        enabled = Objects.requireNonNullElse(enabled, false);
    }

    @Override
    public Map<String, String> problems() {
        return Map.of();
    }

    @Override
    public CleaningRule rule() {
        Transliterator simplified = Transliterator.getInstance("Traditional-Simplified");
        BitSet changing = changing(simplified);
        return text -> RuleOutcome.keep(text.chars().anyMatch(changing::get) ? simplified.transliterate(text) : text);
    }

    /** Units that occur in the source of any rule; most texts have none, and the transliterator is slow. */
    private static BitSet changing(Transliterator transliterator) {
        BitSet changing = new BitSet(1 << 16);
        for (String character : transliterator.getSourceSet()) {
            character.chars().forEach(changing::set);
        }
        return changing;
    }
}
