package io.github.gptmoe.data.task;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A classification or cloze task: where its rows are, what their labels are, and how they are asked about. It is what a
 * YAML file says; the components are its keys. A null component takes its default, or is left for {@link #problems()}.
 *
 * @param name short name, such as {@code eprstmt}
 * @param description one line for people
 * @param data where the rows are
 * @param submission how predictions are written
 * @param slots the texts of a row
 * @param labels all labels, in the order of score arrays
 * @param tree first-level classes, each label below one of them; empty where the task has no such tree
 * @param lexical how words alone tell the labels apart; null where they do not
 * @param sets the pattern sets; the first one is the default
 */
public record Task(
        String name,
        String description,
        TaskData data,
        TaskSubmission submission,
        List<TaskSlot> slots,
        List<TaskLabel> labels,
        List<TaskClass> tree,
        @Nullable TaskLexical lexical,
        List<PatternSet> sets) {
    /**
     * Fills defaults in for nulls; {@link #problems()} judges the values.
     *
     * @param name short name
     * @param description one line
     * @param data where the rows are
     * @param submission how predictions are written
     * @param slots texts of a row
     * @param labels labels in order
     * @param tree first-level classes
     * @param lexical how words tell labels apart
     * @param sets pattern sets
     */
    public Task {
        name = name == null ? "" : name;
        description = description == null ? "" : description;
        slots = slots == null ? List.of() : List.copyOf(slots);
        labels = labels == null ? List.of() : List.copyOf(labels);
        tree = tree == null ? List.of() : List.copyOf(tree);
        sets = sets == null ? List.of() : List.copyOf(sets);
    }

    /**
     * Judges the content.
     *
     * @return for each wrong key, such as {@code labels[2].value}, what is wrong and the remedy; empty when all is well
     */
    public Map<String, String> problems() {
        return TaskProblems.of(this);
    }

    /**
     * Finds a label by the value that rows and submissions have.
     *
     * @param value such as {@code Positive} or {@code 100}
     * @return its place in {@link #labels()}, if there is one
     */
    public OptionalInt labelIndex(String value) {
        for (int i = 0; i < labels.size(); i++) {
            if (labels.get(i).value().equals(value)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /**
     * Finds a pattern set.
     *
     * @param set its name
     * @return the set, if the task has it
     */
    public Optional<PatternSet> patternSet(String set) {
        return sets.stream().filter(candidate -> candidate.name().equals(set)).findFirst();
    }

    /**
     * The labels below each first-level class, as places in {@link #labels()}.
     *
     * @return a list for each entry of {@link #tree()}
     */
    public List<List<Integer>> leaves() {
        return tree.stream()
                .map(group -> group.labels().stream()
                        .map(value -> labelIndex(value).orElseThrow())
                        .toList())
                .toList();
    }

    /** Names of the slots, for messages. */
    String slotNames() {
        return slots.stream().map(TaskSlot::name).collect(Collectors.joining(", "));
    }

    /**
     * Finds a slot.
     *
     * @param slot its name
     * @return the slot, if the task has it
     */
    public Optional<TaskSlot> slot(String slot) {
        return slots.stream().filter(candidate -> candidate.name().equals(slot)).findFirst();
    }
}
