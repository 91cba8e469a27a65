package io.github.gptmoe.data.clean;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Applies the rules of a configuration to one text. No state; for any number of threads. Made from a {@link CleanConfig}, which can
 * be sent to other machines.
 *
 * <p>The rules are applied in turn until none changes anything any more: what one rule uncovers, such as a tag written in character
 * references, is then seen by the others, and a cleaned text is cleaned to itself. Most texts need one turn.
 */
public final class Cleaner {
    /** Stands for the rule where nothing is left of a text. */
    public static final String EMPTY = "empty";

    /** Stands for the rule where a text still changes after {@value #MOST_TURNS} turns. */
    public static final String UNSETTLED = "unsettled";

    private static final int MOST_TURNS = 16;

    private final Map<String, CleaningRule> rules = new LinkedHashMap<>();

    /**
     * Makes the rules that are on.
     *
     * @param config without problems
     * @throws io.github.gptmoe.data.InputException if a file that it names cannot be read
     */
    public Cleaner(CleanConfig config) {
        config.rules().forEach((name, settings) -> {
            if (settings.enabled()) {
                rules.put(name, settings.rule());
            }
        });
    }

    /**
     * Cleans a text.
     *
     * @param text valid Unicode
     * @return what became of it
     */
    public CleanResult clean(String text) {
        Map<String, CleanResult.Change> changes = new LinkedHashMap<>();
        String current = text;
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            String before = current;
            for (Map.Entry<String, CleaningRule> rule : rules.entrySet()) {
                RuleOutcome outcome = rule.getValue().apply(current);
                String next = outcome.text();
                if (next == null) {
                    return dropped(changes, rule.getKey(), outcome.reason());
                }
                if (!next.equals(current)) {
                    changes.putIfAbsent(rule.getKey(), new CleanResult.Change(rule.getKey(), current, next));
                    current = next;
                }
            }
            if (current.isBlank()) {
                return dropped(changes, EMPTY, "nothing is left");
            }
            if (Objects.equals(current, before)) {
                return new CleanResult(current, new ArrayList<>(changes.values()), "", "");
            }
        }
        return dropped(changes, UNSETTLED, "still changes after " + MOST_TURNS + " turns");
    }

    private static CleanResult dropped(Map<String, CleanResult.Change> changes, String rule, String reason) {
        return new CleanResult(null, List.copyOf(changes.values()), rule, reason);
    }
}
