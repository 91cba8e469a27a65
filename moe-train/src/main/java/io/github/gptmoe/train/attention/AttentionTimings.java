package io.github.gptmoe.train.attention;

import io.github.gptmoe.core.model.NamedAttention;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What measuring has found out about forms in one case. A form is in one of the two.
 *
 * @param timings of those that were timed
 * @param untimed name to reason of those that the engine refused, or that were seen to be hopeless before they were timed
 */
public record AttentionTimings(List<AttentionTiming> timings, Map<String, String> untimed) {
    /** Nothing is known. */
    static final AttentionTimings NONE = new AttentionTimings(List.of(), Map.of());

    boolean knows(String form) {
        return untimed.containsKey(form)
                || timings.stream().anyMatch(timing -> timing.form().equals(form));
    }

    /** Whether a run can choose: something is known of every form, and one of them works. */
    boolean decides(List<NamedAttention> forms) {
        return !timings.isEmpty() && forms.stream().allMatch(form -> knows(form.label()));
    }

    /** What is known of some forms, timings in their order. */
    AttentionTimings of(List<NamedAttention> forms) {
        Map<String, String> reasons = new LinkedHashMap<>();
        forms.stream()
                .map(NamedAttention::label)
                .filter(untimed::containsKey)
                .forEach(form -> reasons.put(form, untimed.getOrDefault(form, "")));
        return new AttentionTimings(
                forms.stream()
                        .flatMap(form -> timings.stream()
                                .filter(timing -> timing.form().equals(form.label()))
                                .limit(1))
                        .toList(),
                reasons);
    }

    /** Adds what is known of further forms; where both know one, this stays. */
    AttentionTimings with(AttentionTimings older) {
        Map<String, String> reasons = new LinkedHashMap<>(untimed);
        older.untimed.forEach((form, reason) -> {
            if (!knows(form)) {
                reasons.put(form, reason);
            }
        });
        return new AttentionTimings(
                Stream.concat(timings.stream(), older.timings.stream().filter(timing -> !knows(timing.form())))
                        .toList(),
                reasons);
    }

    /** Whether it can have been measured, by this version of the program. */
    boolean isSound() {
        return timings != null
                && untimed != null
                && timings.stream().allMatch(timing -> timing != null && timing.isSound())
                && untimed.entrySet().stream()
                        .allMatch(form -> NamedAttention.of(form.getKey()).isPresent() && form.getValue() != null);
    }
}
