package io.github.gptmoe.eval.export;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * As much of Jinja as exported templates use, written from its manual: set, text concatenation, addition, subscripts, slices,
 * lists, a choice by if, the methods split, index and isdigit, the filters join, default, string, lower, length and sort. Whatever else it meets is an
 * error.
 */
final class TinyJinja {
    private final String source;
    private final Map<String, Object> names;
    private int at;

    private TinyJinja(String source, Map<String, Object> row) {
        this.source = source;
        names = new LinkedHashMap<>(row);
    }

    /** What a template writes. */
    static String text(String template, Map<String, Object> row) {
        return new TinyJinja(template, row).run().stream().map(String::valueOf).collect(Collectors.joining());
    }

    /** The list that a template writes. */
    static List<?> list(String template, Map<String, Object> row) {
        List<Object> values = new TinyJinja(template, row).run();
        if (values.size() == 1 && values.get(0) instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("no list but " + values);
    }

    private List<Object> run() {
        List<Object> written = new ArrayList<>();
        while (at < source.length()) {
            if (source.startsWith("{{", at)) {
                at += 2;
                written.add(expression());
                expect("}}");
            } else if (source.startsWith("{%", at)) {
                at += 2;
                expect("set");
                String name = name();
                expect("=");
                names.put(name, expression());
                expect("%}");
            } else {
                int end = source.indexOf('{', at + 1);
                written.add(source.substring(at, end < 0 ? source.length() : end));
                at = end < 0 ? source.length() : end;
            }
        }
        return written;
    }

    private Object expression() {
        Object left = sum();
        if (!take("if ")) {
            return left;
        }
        boolean condition = (Boolean) sum();
        expect("else ");
        Object right = expression();
        return condition ? left : right;
    }

    private Object sum() {
        Object left = concatenation();
        while (take("+")) {
            left = (Long) left + (Long) concatenation();
        }
        return left;
    }

    private Object concatenation() {
        Object left = filtered();
        while (take("~")) {
            left = String.valueOf(left) + filtered();
        }
        return left;
    }

    private Object filtered() {
        Object value = postfix();
        while (take("|")) {
            String filter = name();
            List<Object> arguments = take("(") ? arguments(")") : List.of();
            value = filter(filter, value, arguments);
        }
        return value;
    }

    private static Object filter(String filter, Object value, List<Object> arguments) {
        return switch (filter) {
            case "join" ->
                ((List<?>) value).stream().map(String::valueOf).collect(Collectors.joining((String) arguments.get(0)));
            case "default" ->
                value == null || value.equals("") || !arguments.get(1).equals(true) ? arguments.get(0) : value;
            case "string" -> value instanceof Boolean truth ? (truth ? "True" : "False") : String.valueOf(value);
            case "lower" -> ((String) value).toLowerCase(Locale.ROOT);
            case "length" -> (long) ((String) value).codePointCount(0, ((String) value).length());
            case "sort" ->
                ((List<?>) value)
                        .stream()
                                .sorted(Comparator.comparing(entry ->
                                        (Long) ((List<?>) entry).get(Math.toIntExact((Long) arguments.get(0)))))
                                .toList();
            default -> throw new IllegalArgumentException("filter " + filter);
        };
    }

    private Object postfix() {
        Object value = primary();
        while (true) {
            if (take("[")) {
                value = subscript(value);
            } else if (take(".")) {
                String method = name();
                expect("(");
                value = method(method, value, arguments(")"));
            } else {
                return value;
            }
        }
    }

    private static Object method(String method, Object value, List<Object> arguments) {
        return switch (method) {
            case "split" -> List.of(((String) value).split(Pattern.quote((String) arguments.get(0)), -1));
            case "isdigit" ->
                !((String) value).isEmpty() && ((String) value).chars().allMatch(Character::isDigit);
            case "index" -> {
                int index = ((List<?>) value).indexOf(arguments.get(0));
                if (index < 0) {
                    throw new IllegalArgumentException(arguments + " is not in " + value);
                }
                yield (long) index;
            }
            default -> throw new IllegalArgumentException("method " + method);
        };
    }

    private Object subscript(Object value) {
        Object from = peek(":") ? null : expression();
        if (take(":")) {
            String text = (String) value;
            Object to = peek("]") ? null : expression();
            expect("]");
            int length = text.codePointCount(0, text.length());
            int begin = from == null ? 0 : Math.toIntExact((Long) from);
            int end = to == null ? length : Math.toIntExact((Long) to);
            return text.substring(text.offsetByCodePoints(0, begin), text.offsetByCodePoints(0, end));
        }
        expect("]");
        return value instanceof Map<?, ?> map ? map.get(from) : ((List<?>) value).get(Math.toIntExact((Long) from));
    }

    private Object primary() {
        skip();
        char first = source.charAt(at);
        if (first == '\'') {
            return quoted();
        }
        if (take("(")) {
            Object value = expression();
            expect(")");
            return value;
        }
        if (take("[")) {
            return arguments("]");
        }
        if (Character.isDigit(first)) {
            int begin = at;
            while (Character.isDigit(source.charAt(at))) {
                at++;
            }
            return Long.valueOf(source.substring(begin, at));
        }
        String name = name();
        if (name.equals("true")) {
            return true;
        }
        if (!names.containsKey(name) && !source.startsWith(" | default(", at)) {
            throw new IllegalArgumentException(name + " is undefined");
        }
        return names.get(name);
    }

    /** Values up to a closing bracket; a keyword before one is skipped. */
    private List<Object> arguments(String end) {
        List<Object> values = new ArrayList<>();
        while (!take(end)) {
            take("attribute=");
            values.add(expression());
            if (!peek(end)) {
                expect(",");
            }
        }
        return values;
    }

    private String quoted() {
        StringBuilder text = new StringBuilder();
        for (at++; source.charAt(at) != '\''; at++) {
            if (source.charAt(at) == '\\') {
                at++;
                text.append(source.charAt(at) == 'n' ? '\n' : source.charAt(at));
            } else {
                text.append(source.charAt(at));
            }
        }
        at++;
        return text.toString();
    }

    private String name() {
        skip();
        int begin = at;
        while (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_') {
            at++;
        }
        if (begin == at) {
            throw new IllegalArgumentException("no name at " + source.substring(at));
        }
        return source.substring(begin, at);
    }

    private void skip() {
        while (source.charAt(at) == ' ') {
            at++;
        }
    }

    private boolean peek(String symbol) {
        skip();
        return source.startsWith(symbol, at);
    }

    private boolean take(String symbol) {
        boolean there = peek(symbol);
        at += there ? symbol.length() : 0;
        return there;
    }

    private void expect(String symbol) {
        if (!take(symbol)) {
            throw new IllegalArgumentException("expected " + symbol + " at " + source.substring(at));
        }
    }
}
