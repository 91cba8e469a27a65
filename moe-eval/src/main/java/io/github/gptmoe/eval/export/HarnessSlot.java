package io.github.gptmoe.eval.export;

import io.github.gptmoe.data.task.TaskSlot;
import io.github.gptmoe.data.task.TaskSpan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A slot as Jinja.
 *
 * @param prelude statements that the expressions need before them; may be empty
 * @param head expression of the text, or of what stands before its blank
 * @param tail expression of what stands after its blank; null where it has none
 */
record HarnessSlot(String prelude, String head, @Nullable String tail) {
    static HarnessSlot of(TaskSlot slot) {
        String prelude = "";
        String text = Jinja.field(slot.field());
        String separator = slot.separator();
        if (slot.optional()) {
            // With "true" a null counts as missing: that is what a reader of whole tables fills gaps with.
            text = "(" + text + " | default(" + (separator == null ? "''" : "[]") + ", true))";
        }
        if (separator != null) {
            text = "(" + text + " | join(" + Jinja.quoted(separator) + "))";
        }
        if (!slot.spans().isEmpty()) {
            String spans = "spans_of_" + slot.name().replaceAll("[^A-Za-z0-9_]", "_");
            prelude = "{% set " + spans + " = " + sorted(slot.spans()) + " %}";
            text = marked(text, spans, slot.spans().size());
        }
        String blank = slot.blank();
        if (blank == null) {
            return new HarnessSlot(prelude, text, null);
        }
        String parts = "(" + text + ").split(" + Jinja.quoted(blank) + ")";
        return new HarnessSlot(prelude, parts + "[0]", parts + "[1]");
    }

    /** All spans in the order of their places: place, text, mark before, mark after. */
    private static String sorted(List<TaskSpan> spans) {
        return Jinja.list(spans.stream()
                        .map(span -> Jinja.list(List.of(
                                Jinja.field(span.start()),
                                Jinja.field(span.text()),
                                Jinja.quoted(span.before()),
                                Jinja.quoted(span.after()))))
                        .toList())
                + " | sort(attribute=0)";
    }

    private static String marked(String text, String spans, int count) {
        List<String> parts = new ArrayList<>();
        String done = "";
        for (int i = 0; i < count; i++) {
            String span = spans + "[" + i + "]";
            parts.add(text + "[" + done + ":" + span + "[0]]");
            parts.add(span + "[2]");
            parts.add(span + "[1]");
            parts.add(span + "[3]");
            done = span + "[0] + (" + span + "[1] | length)";
        }
        parts.add(text + "[" + done + ":]");
        return "(" + Jinja.joined(parts) + ")";
    }
}
