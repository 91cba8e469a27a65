package io.github.gptmoe.data.clean;

import java.io.Serializable;
import java.util.Map;

/** The settings of one rule: a section of the configuration. Values only, so that they can be sent to other machines. */
public interface RuleSettings extends Serializable {

    /**
     * Tells whether the rule is applied.
     *
     * @return the key {@code enabled} of the section
     */
    Boolean enabled();

    /**
     * Judges the values.
     *
     * @return for each wrong key of the section, what is wrong and the remedy
     */
    Map<String, String> problems();

    /**
     * Makes the rule.
     *
     * @return the rule; files that the settings name are read now
     */
    CleaningRule rule();
}
