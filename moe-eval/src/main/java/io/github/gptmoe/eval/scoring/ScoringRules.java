package io.github.gptmoe.eval.scoring;

import io.github.gptmoe.data.InputException;
import java.util.List;

/** All rules by name. */
public final class ScoringRules {
    /** The name that stands for the rule of the task. */
    public static final String AUTO = "auto";

    private static final List<ScoringRule> ALL = List.of(
            new Likelihood(),
            new LikelihoodPerToken(),
            new LikelihoodPerCharacter(),
            new TextPerplexity(),
            new TailLikelihood(),
            new ContentFreeCalibration(),
            new BatchCalibration(),
            new MutualInformation());

    private ScoringRules() {}

    /**
     * All names, {@value #AUTO} excepted.
     *
     * @return unmodifiable list
     */
    public static List<String> names() {
        return ALL.stream().map(ScoringRule::name).toList();
    }

    /**
     * The rule of a name.
     *
     * @param name one of {@link #names}, or {@value #AUTO}
     * @param taskRule what {@value #AUTO} stands for
     * @return the rule
     * @throws InputException if there is none
     */
    public static ScoringRule of(String name, String taskRule) {
        String wanted = name.equals(AUTO) ? taskRule : name;
        return ALL.stream()
                .filter(rule -> rule.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new InputException(
                        InputException.Kind.CONFIGURATION,
                        "there is no scoring rule '" + wanted + "'; use " + AUTO + " or one of "
                                + String.join(", ", names())));
    }
}
