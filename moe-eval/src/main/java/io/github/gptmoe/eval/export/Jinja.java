package io.github.gptmoe.eval.export;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Pieces of Jinja expressions. */
final class Jinja {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** Names that mean something else in an expression. */
    private static final Set<String> TAKEN =
            Set.of("and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None");

    private Jinja() {}

    /** A text in single quotes. */
    static String quoted(String text) {
        return "'"
                + text.replace("\\", "\\\\")
                        .replace("'", "\\'")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r") + "'";
    }

    /** A list of expressions. */
    static String list(List<String> expressions) {
        return expressions.stream().collect(Collectors.joining(", ", "[", "]"));
    }

    /** Expressions joined as texts. */
    static String joined(List<String> expressions) {
        return String.join(" ~ ", expressions);
    }

    /** Shows the value of an expression. The spaces keep braces of the expression apart from those of the template. */
    static String shown(String expression) {
        return "{{ " + expression + " }}";
    }

    /** Literal words of a template. */
    static String literal(String words) {
        return words.contains("{") || words.contains("}") ? shown(quoted(words)) : words;
    }

    /** Whether a field can be named in an expression. */
    static boolean canName(String path) {
        String first = path.split("\\.", -1)[0];
        return NAME.matcher(first).matches() && !TAKEN.contains(first);
    }

    /** The field at a path with dots; brackets, since a dot would find methods such as items as well. */
    static String field(String path) {
        String[] steps = path.split("\\.", -1);
        StringBuilder expression = new StringBuilder(steps[0]);
        for (int i = 1; i < steps.length; i++) {
            expression.append('[').append(quoted(steps[i])).append(']');
        }
        return expression.toString();
    }
}
