package io.github.gptmoe.eval.english;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.JsonLinesReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JSON object of a file; every complaint names file and line. */
record EnglishRow(Path file, JsonLinesReader.Row row) {
    /** A field that is a text and not blank. */
    String text(String field) {
        return textual(needed(field), field);
    }

    /** A field that is a list of at least one text, none of them blank. */
    List<String> texts(String field) {
        return texts(needed(field), field);
    }

    List<String> texts(JsonNode node, String field) {
        if (!node.isArray() || node.isEmpty()) {
            throw bad("the field " + field + " is no list of texts, or an empty one");
        }
        List<String> texts = new ArrayList<>();
        node.forEach(entry -> texts.add(textual(entry, field)));
        return texts;
    }

    JsonNode needed(String field) {
        JsonNode node = row.fields().get(field);
        if (node == null || node.isNull()) {
            List<String> names = new ArrayList<>();
            row.fields().fieldNames().forEachRemaining(names::add);
            throw bad("the field " + field + " is missing; there are " + names);
        }
        return node;
    }

    private String textual(JsonNode node, String field) {
        if (!node.isTextual() || node.textValue().isBlank()) {
            throw bad("the field " + field + " is or has " + (node.isTextual() ? "a blank text" : "no text") + ": "
                    + node);
        }
        return node.textValue();
    }

    /** The question about this row, with an id of the row's own. */
    EnglishQuestion question(String idField, String context, List<String> candidates, int gold) {
        return new EnglishQuestion(file, row.line(), needed(idField), context, candidates, gold);
    }

    /** The question about this row, where rows have no id. */
    EnglishQuestion question(String context, List<String> candidates, int gold) {
        return new EnglishQuestion(file, row.line(), LongNode.valueOf(row.line()), context, candidates, gold);
    }

    InputException bad(String problem) {
        return new InputException(
                InputException.Kind.ENVIRONMENT, file + ", line " + row.line() + ": " + problem + "; repair the row");
    }
}
