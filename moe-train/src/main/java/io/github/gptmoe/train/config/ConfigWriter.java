package io.github.gptmoe.train.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.reader.StreamReader;

/** Writes a configuration as YAML: every value, defaults included, in the order of the records. */
public final class ConfigWriter {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*");

    private ConfigWriter() {}

    /**
     * Writes a configuration.
     *
     * @param config any configuration
     * @return YAML that {@link ConfigLoader} reads back to an equal one
     */
    public static String toYaml(RunConfig config) {
        StringBuilder yaml = new StringBuilder();
        section(yaml, config, "");
        return yaml.toString();
    }

    /**
     * Lists the settings.
     *
     * @param config any configuration
     * @return key from the top of the file, such as {@code train.optimizer.beta1}, to its value as the file would have it,
     *     in the order of the file
     */
    public static Map<String, String> values(RunConfig config) {
        Map<String, String> values = new LinkedHashMap<>();
        collect(values, config, "");
        return values;
    }

    private static void collect(Map<String, String> values, Object record, String prefix) {
        for (RecordComponent component : new RecordShape(record.getClass()).components()) {
            Object value = RecordShape.value(component, record);
            String key = prefix + component.getName();
            if (value instanceof Record inner) {
                if (RecordShape.isVariant(component.getType())) {
                    values.put(
                            key + "." + RecordShape.variantKey(component.getType()),
                            RecordShape.variantName(inner.getClass()));
                }
                collect(values, inner, key + ".");
            } else if (value != null) {
                values.put(key, scalarOrList(value));
            }
        }
    }

    private static void section(StringBuilder yaml, Object record, String indent) {
        for (RecordComponent component : new RecordShape(record.getClass()).components()) {
            Object value = RecordShape.value(component, record);
            if (value == null) {
                continue; // One of two alternatives: the other is given.
            }
            yaml.append(indent).append(component.getName()).append(':');
            if (value instanceof Record inner) {
                yaml.append('\n');
                if (RecordShape.isVariant(component.getType())) {
                    yaml.append(indent).append("  ").append(RecordShape.variantKey(component.getType()));
                    yaml.append(": ")
                            .append(RecordShape.variantName(inner.getClass()))
                            .append('\n');
                }
                section(yaml, inner, indent + "  ");
            } else {
                yaml.append(' ').append(scalarOrList(value)).append('\n');
            }
        }
    }

    private static String scalarOrList(Object value) {
        return value instanceof List<?> list
                ? list.stream().map(ConfigWriter::scalar).collect(Collectors.joining(", ", "[", "]"))
                : scalar(value);
    }

    private static String scalar(Object value) {
        if (value instanceof Record record) {
            return inBraces(record);
        }
        if (value instanceof String text) {
            return text(text);
        }
        if (value.getClass().isEnum()) {
            return ScalarReader.written(value);
        }
        return value.toString().toLowerCase(Locale.ROOT); // 1.0E-4 as 1.0e-4
    }

    private static String inBraces(Record record) {
        List<String> entries = new ArrayList<>();
        for (RecordComponent component : new RecordShape(record.getClass()).components()) {
            Object value = RecordShape.value(component, record);
            if (value != null) {
                entries.add(component.getName() + ": " + scalarOrList(value));
            }
        }
        return entries.stream().collect(Collectors.joining(", ", "{", "}"));
    }

    private static String text(String text) {
        boolean word =
                PLAIN.matcher(text).matches() && !ScalarReader.isBooleanWord(text) && !text.equalsIgnoreCase("null");
        return word ? text : quoted(text);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(codePoint -> {
            if (codePoint == '"' || codePoint == '\\') {
                quoted.append('\\').appendCodePoint(codePoint);
            } else if (codePoint >= ' ' && StreamReader.isPrintable(codePoint) && !isLineBreak(codePoint)) {
                quoted.appendCodePoint(codePoint);
            } else if (codePoint <= 0xFFFF) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", codePoint));
            } else {
                quoted.append(String.format(Locale.ROOT, "\\U%08x", codePoint));
            }
        });
        return quoted.append('"').toString();
    }

    /** YAML 1.1 breaks lines at these, and a broken line inside quotes is folded to a space. */
    private static boolean isLineBreak(int codePoint) {
        return codePoint == 0x85 || codePoint == 0x2028 || codePoint == 0x2029 || codePoint == 0xFEFF;
    }
}
