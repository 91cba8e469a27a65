package io.github.gptmoe.data.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.JsonLinesReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JSON objects of one file to rows of a task; every complaint names file and line. */
final class RowFields {
    private static final int LABELS_SHOWN = 20;

    private final Task task;
    private final Path file;
    private final boolean labelNeeded;

    RowFields(Task task, Path file, boolean labelNeeded) {
        this.task = task;
        this.file = file;
        this.labelNeeded = labelNeeded;
    }

    TaskRow read(JsonLinesReader.Row row) {
        try {
            Map<String, String> slots = new LinkedHashMap<>();
            for (TaskSlot slot : task.slots()) {
                slots.put(slot.name(), text(row.fields(), slot));
            }
            return new TaskRow(file, row.line(), id(row.fields()), slots, choices(row.fields()), gold(row.fields()));
        } catch (Unusable unusable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    file + ", line " + row.line() + ": " + unusable.getMessage()
                            + "; repair the row, or the task file of " + task.name());
        }
    }

    /** The node at a path with dots; null where a step is missing or null. */
    private static @Nullable JsonNode at(ObjectNode row, String path) {
        JsonNode node = row;
        for (String step : path.split("\\.", -1)) {
            node = node.path(step);
        }
        return node.isMissingNode() || node.isNull() ? null : node;
    }

    private static JsonNode needed(ObjectNode row, String path) throws Unusable {
        JsonNode node = at(row, path);
        if (node == null) {
            List<String> names = new ArrayList<>();
            row.fieldNames().forEachRemaining(names::add);
            throw new Unusable("the field " + path + " is missing; there are " + names);
        }
        return node;
    }

    private static String textual(JsonNode node, String path) throws Unusable {
        if (!node.isTextual()) {
            throw new Unusable("the field " + path + " is " + kind(node) + ", not a text");
        }
        return node.textValue();
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            default -> node.toString();
        };
    }

    private static List<String> texts(JsonNode node, String path) throws Unusable {
        if (!node.isArray() || node.isEmpty()) {
            throw new Unusable("the field " + path + " is no list of texts, or an empty one");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode entry : node) {
            texts.add(textual(entry, path));
        }
        return texts;
    }

    private String text(ObjectNode row, TaskSlot slot) throws Unusable {
        if (slot.optional() && at(row, slot.field()) == null) {
            return "";
        }
        JsonNode node = needed(row, slot.field());
        String separator = slot.separator();
        if (separator != null) {
            return String.join(separator, texts(node, slot.field()));
        }
        String text = marked(row, textual(node, slot.field()), slot);
        String blank = slot.blank();
        if (blank != null) {
            int first = text.indexOf(blank);
            if (first < 0 || text.indexOf(blank, first + 1) >= 0) {
                throw new Unusable("the field " + slot.field() + " must have the blank " + blank + " exactly once");
            }
        }
        return text;
    }

    /** A span's place in a text, in UTF-16 units. */
    private record Place(int start, int end, TaskSpan span) {}

    private static String marked(ObjectNode row, String text, TaskSlot slot) throws Unusable {
        List<Place> places = new ArrayList<>();
        for (TaskSpan span : slot.spans()) {
            places.add(place(row, text, slot, span));
        }
        places.sort(Comparator.comparingInt(Place::start));
        StringBuilder marked = new StringBuilder();
        int done = 0;
        for (Place place : places) {
            if (place.start < done) {
                throw new Unusable("two spans of " + slot.field() + " overlap");
            }
            marked.append(text, done, place.start)
                    .append(place.span.before())
                    .append(text, place.start, place.end)
                    .append(place.span.after());
            done = place.end;
        }
        return marked.append(text.substring(done)).toString();
    }

    private static Place place(ObjectNode row, String text, TaskSlot slot, TaskSpan span) throws Unusable {
        String words = textual(needed(row, span.text()), span.text());
        JsonNode number = needed(row, span.start());
        int points = text.codePointCount(0, text.length());
        boolean inside = number.isIntegralNumber()
                && number.canConvertToInt()
                && number.intValue() >= 0
                && number.intValue() <= points;
        int start = inside ? text.offsetByCodePoints(0, number.intValue()) : -1;
        if (!inside || words.isEmpty() || !text.startsWith(words, start)) {
            throw new Unusable("the text in " + slot.field() + " does not have '" + words + "' (" + span.text()
                    + ") at character " + number + " (" + span.start() + ")");
        }
        return new Place(start, start + words.length(), span);
    }

    private JsonNode id(ObjectNode row) throws Unusable {
        for (String field : task.data().id()) {
            JsonNode id = at(row, field);
            if (id != null && id.isValueNode()) {
                return id;
            }
        }
        JsonNode id = needed(row, task.data().id().get(0));
        throw new Unusable(
                "the field " + task.data().id().get(0) + " is " + id.getNodeType() + ", not a number or a text");
    }

    private List<String> choices(ObjectNode row) throws Unusable {
        String field = task.data().choices();
        if (field == null) {
            return List.of();
        }
        List<String> choices = texts(needed(row, field), field);
        int expected = task.labels().size();
        if (choices.size() != expected) {
            throw new Unusable("the field " + field + " has " + choices.size() + " candidates; the task has " + expected
                    + " labels");
        }
        if (choices.stream().anyMatch(String::isBlank) || new HashSet<>(choices).size() < expected) {
            throw new Unusable("the field " + field + " has an empty candidate, or one twice");
        }
        return choices;
    }

    private OptionalInt gold(ObjectNode row) throws Unusable {
        String field = task.data().label();
        JsonNode node = at(row, field);
        if (node == null && !labelNeeded) {
            return OptionalInt.empty();
        }
        JsonNode label = node == null ? needed(row, field) : node;
        boolean usable = label.isTextual() || label.isIntegralNumber() || label.isBoolean();
        OptionalInt index = usable ? task.labelIndex(label.asText()) : OptionalInt.empty();
        if (index.isEmpty()) {
            String known = task.labels().stream()
                    .limit(LABELS_SHOWN)
                    .map(TaskLabel::value)
                    .collect(Collectors.joining(", "));
            String more = task.labels().size() > LABELS_SHOWN ? ", ..." : "";
            throw new Unusable("the label " + label + " (" + field + ") is not one of the task's: " + known + more);
        }
        return index;
    }

    /** What is wrong with a row; only travels to {@link #read}, which knows the line. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String problem) {
            super(problem);
        }
    }
}
