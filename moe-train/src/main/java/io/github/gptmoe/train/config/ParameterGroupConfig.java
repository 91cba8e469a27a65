package io.github.gptmoe.train.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that learn faster, slower or with another decay than the others.
 *
 * @param pattern names of parameters as they stand in a checkpoint, with {@code *} for any text, dots included, and {@code ?}
 *     for any one character: {@code blocks.*.moe.experts.*}
 * @param learningRateFactor what the learning rate is multiplied by; default 1, and 0 freezes the parameters
 * @param weightDecay replaces the optimizer's for those of the parameters that decay; null, the default, leaves it
 */
public record ParameterGroupConfig(
        String pattern, Double learningRateFactor, @Nullable Double weightDecay) {

    /**
     * Fills in defaults.
     *
     * @param pattern as above
     * @param learningRateFactor as above
     * @param weightDecay as above
     */
    public ParameterGroupConfig {
        pattern = Objects.requireNonNullElse(pattern, "");
        learningRateFactor = Objects.requireNonNullElse(learningRateFactor, 1.0);
    }

    /**
     * Tells whether a parameter belongs here, as far as the pattern goes.
     *
     * @param name full name of a parameter
     * @return true if the pattern matches all of it
     */
    public boolean matches(String name) {
        String regex = pattern.chars()
                .mapToObj(letter -> switch (letter) {
                    case '*' -> ".*";
                    case '?' -> ".";
                    default -> Pattern.quote(Character.toString(letter));
                })
                .collect(Collectors.joining());
        return name.matches(regex);
    }

    /** What is wrong with each group of a list, by {@code groups[i].key}. */
    static Map<String, String> problems(List<ParameterGroupConfig> groups) {
        Rules rules = new Rules();
        for (int i = 0; i < groups.size(); i++) {
            ParameterGroupConfig group = groups.get(i);
            double factor = group.learningRateFactor();
            rules.require(
                            !group.pattern().isBlank(),
                            "groups[" + i + "].pattern",
                            "is missing; give names of parameters, for example blocks.*.moe.experts.*")
                    .require(
                            factor >= 0 && Double.isFinite(factor),
                            "groups[" + i + "].learningRateFactor",
                            factor + " must be 0 (frozen) or positive, for example 0.5");
            if (group.weightDecay() != null) {
                rules.fraction("groups[" + i + "].weightDecay", group.weightDecay(), "0.1");
            }
        }
        return rules.problems();
    }

    /**
     * Which groups no parameter belongs to.
     *
     * @param groups groups of an optimizer
     * @param names all names of the model
     * @return one sentence for each such group, naming its pattern and the remedy
     */
    static List<String> idle(List<ParameterGroupConfig> groups, List<String> names) {
        List<String> sentences = new ArrayList<>();
        List<String> left = new ArrayList<>(names);
        for (ParameterGroupConfig group : groups) {
            List<String> taken = left.stream().filter(group::matches).toList();
            left.removeAll(taken);
            if (!taken.isEmpty()) {
                continue;
            }
            boolean matches = names.stream().anyMatch(group::matches);
            sentences.add("pattern '" + Excerpt.of(group.pattern()) + "' "
                    + (matches
                            ? "matches only parameters that an earlier pattern takes; put it before that one"
                            : "matches no parameter; nearest names: " + nearest(group.pattern(), names)));
        }
        return sentences;
    }

    private static String nearest(String pattern, List<String> names) {
        return names.stream()
                .map(name -> name.replaceAll("\\.[0-9]+(?=\\.)", ".*"))
                .distinct()
                .sorted(Comparator.comparingInt(name -> NearestKey.errors(pattern, name)))
                .limit(3)
                .collect(Collectors.joining(", "));
    }
}
