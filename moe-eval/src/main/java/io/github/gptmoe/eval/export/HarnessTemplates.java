package io.github.gptmoe.eval.export;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.PatternPieces;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskLabel;
import io.github.gptmoe.data.task.TaskPattern;
import io.github.gptmoe.data.task.TaskSlot;
import io.github.gptmoe.data.task.TaskSpan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A pattern as Jinja templates over the fields of a row.
 *
 * @param text what stands before the label
 * @param words the labels' words, if nothing depends on the row; empty otherwise
 * @param choices a template of the list of labels' words, each with what stands after it; empty if {@code words} say it
 * @param target a template of the right label's number
 */
public record HarnessTemplates(String text, List<String> words, String choices, String target) {
    private static final Set<String> BOOLEANS = Set.of("true", "false");

    /**
     * Copies the list.
     *
     * @param text as above
     * @param words as above
     * @param choices as above
     * @param target as above
     */
    public HarnessTemplates {
        words = List.copyOf(words);
    }

    /**
     * Translates a pattern.
     *
     * @param task a task without problems
     * @param pattern one of its patterns
     * @return its templates
     * @throws InputException if a field of the task has a name that Jinja cannot read
     */
    public static HarnessTemplates of(Task task, TaskPattern pattern) {
        requireNames(task);
        Sides sides = Sides.of(task, pattern);
        List<String> words = pattern.labelWords(task);
        boolean fixed = sides.after.isEmpty() && !sides.mayBeNumber && !words.isEmpty();
        return new HarnessTemplates(
                sides.mayBeNumber
                        ? sides.before() + Jinja.shown("'' if before.isdigit() else before")
                        : sides.text.toString(),
                fixed ? words : List.of(),
                fixed ? "" : choices(sides, candidates(task, words)),
                target(task));
    }

    /**
     * What stands before and after the label. A context of digits alone is taken for the number of a choice by the harness; where
     * no words of the pattern keep a row from having such a one, it is put before each candidate instead, which changes no order.
     */
    private record Sides(
            Set<String> preludes,
            StringBuilder text,
            List<String> beforeSlots,
            List<String> after,
            boolean mayBeNumber) {
        static Sides of(Task task, TaskPattern pattern) {
            Set<String> preludes = new LinkedHashSet<>();
            StringBuilder text = new StringBuilder();
            List<String> before = new ArrayList<>();
            List<String> after = new ArrayList<>();
            boolean literal = false;
            boolean behind = false;
            for (PatternPieces.Piece piece : pattern.pieces().pieces()) {
                if (piece.isLabel()) {
                    behind = true;
                } else if (piece.literal()) {
                    if (behind) {
                        after.add(Jinja.quoted(piece.text()));
                    } else {
                        literal = true;
                        text.append(Jinja.literal(piece.text()));
                    }
                } else {
                    HarnessSlot slot = HarnessSlot.of(task.slot(piece.text()).orElseThrow());
                    if (behind) {
                        after.add(slot.head());
                    } else {
                        text.append(slot.prelude()).append(Jinja.shown(slot.head()));
                        before.add(slot.head());
                    }
                    if (behind || !literal) {
                        preludes.add(slot.prelude());
                    }
                    String tail = slot.tail();
                    if (tail != null) {
                        behind = true;
                        after.add(tail);
                    }
                }
            }
            return new Sides(preludes, text, before, after, !literal && !before.isEmpty());
        }

        /** Statements that name the text before the label. */
        String before() {
            return String.join("", preludes) + "{% set before = " + Jinja.joined(beforeSlots) + " %}";
        }
    }

    /** Expressions of the labels' words: fixed ones, or the entries of the row's own list. */
    private static List<String> candidates(Task task, List<String> words) {
        String field = task.data().choices();
        return field == null
                ? words.stream().map(Jinja::quoted).toList()
                : IntStream.range(0, task.labels().size())
                        .mapToObj(i -> Jinja.field(field) + "[" + i + "]")
                        .toList();
    }

    private static String choices(Sides sides, List<String> candidates) {
        StringBuilder statements = new StringBuilder();
        String moved = "";
        if (sides.mayBeNumber) {
            statements.append(sides.before()).append("{% set moved = before if before.isdigit() else '' %}");
            moved = "moved ~ ";
        } else {
            statements.append(String.join("", sides.preludes));
        }
        String tail = "";
        if (!sides.after.isEmpty()) {
            statements
                    .append("{% set after = ")
                    .append(Jinja.joined(sides.after))
                    .append(" %}");
            tail = " ~ after";
        }
        String head = moved;
        String end = tail;
        return statements
                + Jinja.shown(Jinja.list(candidates.stream()
                        .map(candidate -> head + candidate + end)
                        .toList()));
    }

    /** The label's place among the values, which are texts here and may be numbers in the rows. */
    private static String target(Task task) {
        List<String> values = task.labels().stream().map(TaskLabel::value).toList();
        // Jinja writes the booleans of JSON with a capital letter.
        String lower = BOOLEANS.containsAll(values) ? " | lower" : "";
        return Jinja.shown(Jinja.list(values.stream().map(Jinja::quoted).toList()) + ".index("
                + Jinja.field(task.data().label()) + " | string" + lower + ")");
    }

    private static void requireNames(Task task) {
        Stream.Builder<String> fields = Stream.builder();
        fields.add(task.data().label());
        String choices = task.data().choices();
        if (choices != null) {
            fields.add(choices);
        }
        for (TaskSlot slot : task.slots()) {
            fields.add(slot.field());
            for (TaskSpan span : slot.spans()) {
                fields.add(span.start()).add(span.text());
            }
        }
        fields.build().filter(field -> !Jinja.canName(field)).findFirst().ifPresent(field -> {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "task " + task.name() + ": the field " + field
                            + " cannot be exported, since Jinja reads only names of Latin letters, digits and"
                            + " underscores; rename it in the rows and the task file");
        });
    }
}
