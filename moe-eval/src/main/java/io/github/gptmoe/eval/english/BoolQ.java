package io.github.gptmoe.eval.english;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptmoe.eval.task.LabelSet;
import java.util.List;

/** Yes or no to a question about a passage (Clark et al. 2019, rows of SuperGLUE). Of equals "no", as in the original. */
final class BoolQ extends MostLikely {
    private static final List<String> ANSWERS = List.of("no", "yes");

    @Override
    public String name() {
        return "boolq";
    }

    @Override
    public String file() {
        return "boolq_val.jsonl";
    }

    @Override
    public LabelSet labels() {
        return LabelSet.of(ANSWERS);
    }

    @Override
    public EnglishQuestion question(EnglishRow row) {
        JsonNode label = row.needed("label");
        if (!label.isBoolean()) {
            throw row.bad("the label " + label + " is neither true nor false");
        }
        return row.question(
                "idx",
                row.text("passage") + "\nQuestion: " + row.text("question") + "?\nAnswer:",
                ANSWERS,
                label.booleanValue() ? 1 : 0);
    }
}
