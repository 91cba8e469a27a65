package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.PatternSet;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.scoring.BatchCalibration;
import io.github.gptmoe.eval.scoring.HierarchicalRanking.ClassScore;
import io.github.gptmoe.eval.scoring.ScoreParts;
import io.github.gptmoe.eval.scoring.ScoringRule;
import io.github.gptmoe.eval.scoring.ScoringRules;
import java.util.stream.Collectors;

/**
 * How tasks are asked.
 *
 * @param patterns name of the pattern set
 * @param rule name of the scoring rule; {@code auto} is that of the pattern set
 * @param keepClasses classes whose labels stay in the race after coarse ranking, for tasks with a label tree; 0: flat ranking
 * @param classScore where the scores of classes come from in coarse ranking
 * @param examples labelled rows shown before each text; 0: none
 * @param seed of what is drawn
 * @param shared whether what candidates share passes the model once; false is slow and gives the same scores
 */
public record ZeroShotSettings(
        String patterns, String rule, int keepClasses, ClassScore classScore, int examples, long seed, boolean shared) {
    /** The pattern set of the article. */
    public static final String ARTICLE = "article";

    /**
     * Checks the numbers.
     *
     * @param patterns as above
     * @param rule as above
     * @param keepClasses as above
     * @param classScore as above
     * @param examples as above
     * @param seed as above
     * @param shared as above
     * @throws InputException if a number is below 0
     */
    public ZeroShotSettings {
        if (keepClasses < 0 || examples < 0) {
            throw mistake("classes to keep and examples must be 0 or more, not " + keepClasses + " and " + examples);
        }
    }

    /**
     * Zero-shot by the rule of the pattern set, flat.
     *
     * @param patterns name of the pattern set
     * @return plain settings
     */
    public static ZeroShotSettings of(String patterns) {
        return new ZeroShotSettings(patterns, ScoringRules.AUTO, 0, ClassScore.WORDS, 0, 1, true);
    }

    /**
     * The same settings with another rule.
     *
     * @param other name of a scoring rule
     * @return settings that differ in the rule only
     */
    public ZeroShotSettings withRule(String other) {
        return new ZeroShotSettings(patterns, other, keepClasses, classScore, examples, seed, shared);
    }

    /**
     * A name for a folder of results.
     *
     * @return what differs from plain settings, joined by hyphens
     */
    public String name() {
        return patterns + "-" + rule
                + (keepClasses > 0 ? "-top" + keepClasses + (classScore == ClassScore.LABELS ? "-by-labels" : "") : "")
                + (examples > 0 ? "-" + examples + "shot" + (seed == 1 ? "" : "-seed" + seed) : "");
    }

    /**
     * The patterns of a task.
     *
     * @param task the task
     * @return its set of that name
     * @throws InputException if it has none
     */
    public PatternSet set(Task task) {
        return task.patternSet(patterns)
                .orElseThrow(() -> mistake("task " + task.name() + " has no patterns '" + patterns + "'; it has "
                        + task.sets().stream().map(PatternSet::name).collect(Collectors.joining(", "))));
    }

    /**
     * The rule for a task.
     *
     * @param task the task
     * @return the named one, or that of the pattern set
     * @throws InputException if there is no such rule, or it cannot score this task
     */
    public ScoringRule rule(Task task) {
        ScoringRule found = ScoringRules.of(rule, set(task).rule());
        boolean comparesPrompts = found.name().equals(BatchCalibration.NAME)
                || found.needs().contains(ScoringRule.Need.CONTENT_FREE)
                || found.needs().contains(ScoringRule.Need.PREMISE);
        if (comparesPrompts && task.data().choices() != null) {
            throw mistake("rule " + found.name() + " compares labels over several texts, but each row of task "
                    + task.name() + " has its own candidates; use " + set(task).rule());
        }
        boolean labelOnly = found.parts() == ScoreParts.LABEL;
        if (labelOnly && set(task).patterns().stream().anyMatch(pattern -> pattern.textFollowsLabel(task))) {
            throw mistake("rule " + found.name() + " looks at the label and what stands before it, but patterns '"
                    + patterns + "' of task " + task.name()
                    + " have text behind the label; use perplexity or tail-likelihood");
        }
        return found;
    }

    private static InputException mistake(String text) {
        return new InputException(InputException.Kind.CONFIGURATION, text);
    }
}
