package io.github.gptmoe.train.config;

import io.github.gptmoe.train.config.ConfigNode.Scalar;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One written value to one Java value, led by the type that is wanted instead of by YAML's guesses: {@code 3e-4} is a
 * number, {@code no} is never silently false, {@code 010} is not eight.
 */
final class ScalarReader {

    private static final Pattern INTEGER = Pattern.compile("[-+]?(0|[1-9][0-9]*(_[0-9]+)*)");
    private static final Pattern DECIMAL =
            Pattern.compile("[-+]?((0|[1-9][0-9]*(_[0-9]+)*)(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,9})?");
    private static final Pattern NON_FINITE = Pattern.compile("[-+]?\\.?(inf|infinity|nan)", Pattern.CASE_INSENSITIVE);
    private static final Set<String> BOOLEAN_WORDS = Set.of("true", "false", "yes", "no", "on", "off", "y", "n");

    private ScalarReader() {}

    /** Why a value cannot be read; the text completes "key: ". */
    static final class Unreadable extends Exception {

        private static final long serialVersionUID = 1L;

        Unreadable(String text) {
            super(text);
        }
    }

    static boolean reads(Class<?> type) {
        return type == int.class
                || type == Integer.class
                || type == long.class
                || type == Long.class
                || type == double.class
                || type == Double.class
                || type == boolean.class
                || type == Boolean.class
                || type == String.class
                || type.isEnum();
    }

    static Object read(Class<?> type, Scalar scalar) throws Unreadable {
        if (type == String.class) {
            return text(scalar);
        }
        if (type.isEnum()) {
            return constant(type, scalar);
        }
        if (scalar.quoted()) {
            throw new Unreadable("expected " + noun(type) + ", found " + scalar.kind() + "; remove the quotes");
        }
        if (type == boolean.class || type == Boolean.class) {
            return bool(scalar.text());
        }
        if (type == double.class || type == Double.class) {
            return decimal(scalar.text());
        }
        boolean wide = type == long.class || type == Long.class;
        long value = integer(scalar.text(), wide ? Long.MAX_VALUE : Integer.MAX_VALUE);
        return wide ? (Object) value : (Object) (int) value;
    }

    static String noun(Class<?> type) {
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        return type == String.class || type.isEnum() ? "text" : "an integer";
    }

    private static String text(Scalar scalar) throws Unreadable {
        if (!scalar.quoted() && isBooleanWord(scalar.text())) {
            throw new Unreadable("expected text, but YAML readers disagree whether " + scalar.text()
                    + " is a truth value; write \"" + scalar.text() + "\" in quotes");
        }
        return scalar.text();
    }

    static boolean isBooleanWord(String text) {
        return BOOLEAN_WORDS.contains(text.toLowerCase(Locale.ROOT));
    }

    private static Object constant(Class<?> type, Scalar scalar) throws Unreadable {
        for (Object constant : type.getEnumConstants()) {
            if (scalar.text().equals(written(constant))) {
                return constant;
            }
        }
        throw new Unreadable("'" + Excerpt.of(scalar.text()) + "' is not available; use "
                + Arrays.stream(type.getEnumConstants())
                        .map(ScalarReader::written)
                        .collect(Collectors.joining(" or ")));
    }

    static String written(Object enumConstant) {
        return ((Enum<?>) enumConstant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean bool(String text) throws Unreadable {
        return switch (text) {
            case "true", "True", "TRUE" -> true;
            case "false", "False", "FALSE" -> false;
            default -> throw new Unreadable("expected true or false, found '" + Excerpt.of(text) + "'");
        };
    }

    private static double decimal(String text) throws Unreadable {
        if (NON_FINITE.matcher(text).matches()) {
            throw new Unreadable("expected a finite number, found '" + Excerpt.of(text) + "'");
        }
        requireNoLeadingZero(text);
        if (!DECIMAL.matcher(text).matches()) {
            throw new Unreadable("expected a number, found '" + Excerpt.of(text) + "'");
        }
        double value = Double.parseDouble(text.replace("_", ""));
        if (!Double.isFinite(value)) {
            throw new Unreadable("expected a finite number; '" + Excerpt.of(text) + "' is beyond 1.8e308");
        }
        return value;
    }

    private static long integer(String text, long maximum) throws Unreadable {
        requireNoLeadingZero(text);
        if (!INTEGER.matcher(text).matches()) {
            throw new Unreadable("expected an integer, found '" + Excerpt.of(text) + "'" + wholeNumber(text));
        }
        BigInteger value = new BigInteger(text.replace("_", "").replace("+", ""));
        if (value.abs().compareTo(BigInteger.valueOf(maximum)) > 0) {
            throw new Unreadable("'" + Excerpt.of(text) + "' is beyond the largest integer here, " + maximum);
        }
        return value.longValueExact();
    }

    /** The remedy for 1e9 and 12.0, which are whole but not written so. */
    private static String wholeNumber(String text) {
        if (!DECIMAL.matcher(text).matches() || text.length() > 40) {
            return "";
        }
        BigDecimal value = new BigDecimal(text.replace("_", ""));
        boolean whole = value.signum() == 0 || (value.stripTrailingZeros().scale() <= 0 && value.scale() > -19);
        return whole ? "; write " + value.setScale(0).toPlainString() : "";
    }

    private static void requireNoLeadingZero(String text) throws Unreadable {
        if (text.matches("[-+]?0[0-9_]+.*")) {
            throw new Unreadable(
                    "'" + Excerpt.of(text) + "' starts with 0, which YAML readers take as octal; remove the zero");
        }
    }
}
