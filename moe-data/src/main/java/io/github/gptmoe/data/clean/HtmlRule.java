package io.github.gptmoe.data.clean;

import java.util.Map;
import java.util.Objects;

/**
 * Takes HTML out of text: tags, comments, scripts and style sheets go, elements that begin a line become line ends, character
 * references become characters. Only names of HTML elements count, so {@code a < b} and {@code List<String>} stay.
 *
 * <p>Source: WuDao deletes HTML, CSS and JavaScript; C4 works on text from which they are gone. What a tag is: the HTML standard.
 *
 * @param enabled whether the rule is applied; default true
 * @param references whether character references (<code>&amp;nbsp;</code>, <code>&amp;#20013;</code>) are decoded; default true
 */
public record HtmlRule(Boolean enabled, Boolean references) implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param references as above
     */
    public HtmlRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        references = Objects.requireNonNullElse(references, true);
    }

    @Override
    public Map<String, String> problems() {
        return Map.of();
    }

    @Override
    public CleaningRule rule() {
        return text -> RuleOutcome.keep(
                text.indexOf('<') < 0 && text.indexOf('&') < 0 ? text : new HtmlText(text, references).plain());
    }
}
