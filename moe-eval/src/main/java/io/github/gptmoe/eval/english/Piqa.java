package io.github.gptmoe.eval.english;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptmoe.eval.task.LabelSet;
import java.util.List;

/** Which of two ways reaches a goal (Bisk et al. 2020). */
final class Piqa extends MostLikely {
    @Override
    public String name() {
        return "piqa";
    }

    @Override
    public String file() {
        return "piqa_valid.jsonl";
    }

    @Override
    public LabelSet labels() {
        return new LabelSet(List.of("0", "1"), List.of("sol1", "sol2"));
    }

    @Override
    public boolean perCharacter() {
        return true;
    }

    @Override
    public EnglishQuestion question(EnglishRow row) {
        JsonNode label = row.needed("label");
        if (!label.isIntegralNumber() || label.longValue() < 0 || label.longValue() > 1) {
            throw row.bad("the label " + label + " is neither 0 (sol1) nor 1 (sol2)");
        }
        return row.question(
                "Question: " + row.text("goal") + "\nAnswer:",
                List.of(row.text("sol1"), row.text("sol2")),
                label.intValue());
    }
}
