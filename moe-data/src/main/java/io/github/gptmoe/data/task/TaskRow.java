package io.github.gptmoe.data.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * One row of a split. Its key is file and line: ids repeat in the official files.
 *
 * @param file the file it was read from
 * @param line its line there, from 1
 * @param id its id, in the type of the file
 * @param slots a text for each slot of the task; spans are marked, lists joined
 * @param choices its own candidates; empty where all rows share the labels' words
 * @param gold the place of its label in {@link Task#labels()}; empty where the split has none
 */
public record TaskRow(
        Path file, long line, JsonNode id, Map<String, String> slots, List<String> choices, OptionalInt gold) {
    /**
     * Copies the collections.
     *
     * @param file file
     * @param line line from 1
     * @param id id
     * @param slots texts by slot
     * @param choices candidates
     * @param gold label
     */
    public TaskRow {
        slots = Map.copyOf(slots);
        choices = List.copyOf(choices);
    }

    /**
     * The text of a slot.
     *
     * @param name a slot of the task
     * @return its text
     */
    public String slot(String name) {
        return Objects.requireNonNull(slots.get(name), name);
    }

    /**
     * Where the row is, to begin a message with.
     *
     * @return file and line
     */
    public String place() {
        return file + ", line " + line;
    }

    /**
     * The row as it is used where labels must not be known.
     *
     * @return the same row without its label
     */
    public TaskRow withoutGold() {
        return new TaskRow(file, line, id, slots, choices, OptionalInt.empty());
    }

    boolean isSame(TaskRow other) {
        return (line == other.line && file.equals(other.file))
                || (slots.equals(other.slots) && choices.equals(other.choices));
    }
}
