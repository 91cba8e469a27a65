package io.github.gptmoe.train.config;

import io.github.gptmoe.train.config.ConfigNode.Entry;
import io.github.gptmoe.train.config.ConfigNode.Mapping;
import io.github.gptmoe.train.config.ConfigNode.Scalar;
import io.github.gptmoe.train.config.ConfigNode.Sequence;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Nodes to a record, with every problem collected.
 *
 * <p>A value that cannot be read leaves a hole. The rules are still asked, with the holes filled in two different ways:
 * a broken rule that shows up both times does not depend on the holes and is reported, so a mistyped number does not hide
 * the other mistakes and causes no follow-up errors either.
 *
 * @param <R> the record
 */
final class RecordReader<R> {

    private final Class<R> type;
    private final Function<R, Map<String, String>> rules;
    private final ProblemList problems;
    private final Map<String, Origin> origins = new HashMap<>();
    private final Set<String> troubled = new TreeSet<>();
    private final KeySuggestion suggestions;

    RecordReader(Class<R> type, Function<R, Map<String, String>> rules, ProblemList problems) {
        this.type = type;
        this.rules = rules;
        this.problems = problems;
        this.suggestions = new KeySuggestion(RecordShape.paths(type, ""));
    }

    /** Reads the root; the result is meaningful only if no problem was collected. */
    R read(Mapping root) {
        origins.put("", root.origin());
        PartialRecord record = section(type, root, "", null);
        R first = type.cast(record.build(0));
        Map<String, String> broken = new LinkedHashMap<>(rules.apply(first));
        if (!troubled.isEmpty()) {
            broken.entrySet().retainAll(rules.apply(type.cast(record.build(1))).entrySet());
        }
        broken.forEach((path, problem) -> {
            if (!isTroubled(path)) {
                problems.add(originOf(path), path, problem);
            }
        });
        return first;
    }

    private boolean isTroubled(String path) {
        for (String key = path; !key.isEmpty(); key = parent(key)) {
            if (troubled.contains(key)) {
                return true;
            }
        }
        return false;
    }

    private Origin originOf(String path) {
        String key = path;
        while (!origins.containsKey(key)) {
            key = parent(key);
        }
        return origins.get(key);
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The choice that a section of several kinds makes: the key that chooses, what it says, and who has which key. */
    private record Choice(String key, String chosen, Map<String, List<String>> owners) {}

    private PartialRecord section(Class<?> recordType, Mapping node, String path, @Nullable Choice choice) {
        PartialRecord record = new PartialRecord(recordType);
        reportUnknownKeys(record.shape(), node, path, choice);
        RecordComponent[] components = record.shape().components();
        for (int i = 0; i < components.length; i++) {
            String key = join(path, components[i].getName());
            Entry entry = node.entries().get(components[i].getName());
            if (entry != null) {
                origins.put(key, entry.keyOrigin());
            }
            if (entry == null || (entry.value() instanceof Scalar scalar && scalar.isNull())) {
                absent(record, i, key, entry != null);
            } else {
                Object value = value(components[i], key, entry);
                if (value == null) {
                    troubled.add(key);
                    record.hole(i);
                } else {
                    record.set(i, value);
                }
            }
        }
        return record;
    }

    private void reportUnknownKeys(RecordShape shape, Mapping node, String path, @Nullable Choice choice) {
        Set<String> known = new TreeSet<>(shape.keys());
        if (choice != null) {
            known.add(choice.key);
        }
        node.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                String problem = choice != null && choice.owners.containsKey(key)
                        ? keyOfAnother(choice, String.join(" or ", choice.owners.get(key)))
                        : "unknown key; " + suggestion(key, known, path);
                problems.add(entry.keyOrigin(), join(path, Excerpt.of(key)), problem);
            }
        });
    }

    private static String keyOfAnother(Choice choice, String owners) {
        return "unknown to " + choice.key + " " + choice.chosen + "; remove it, or use " + choice.key + " " + owners;
    }

    private String suggestion(String key, Set<String> known, String path) {
        String nearest = String.join("' or '", suggestions.of(key, path, known));
        return "did you mean '" + nearest + "'? Keys of " + (path.isEmpty() ? "the file" : path) + ": "
                + String.join(", ", known);
    }

    private void trouble(Origin origin, String key, String problem) {
        problems.add(origin, key, problem);
        troubled.add(key);
    }

    private void absent(PartialRecord record, int index, String key, boolean named) {
        RecordComponent component = record.shape().components()[index];
        if (!RecordShape.isRequired(component)) {
            record.leaveOut(index);
            return;
        }
        String needed = RecordShape.standard(component.getType())
                .map(standard -> "; it needs " + String.join(", ", new RecordShape(standard).requiredKeys()))
                .orElse("");
        trouble(originOf(key), key, (named ? "has no value" : "required key is missing") + needed);
        record.hole(index);
    }

    /** The value of a component, null after a problem. */
    private @Nullable Object value(RecordComponent component, String key, Entry entry) {
        Class<?> wanted = component.getType();
        if (wanted.isRecord() || RecordShape.isVariant(wanted)) {
            return inner(wanted, key, entry);
        }
        if (wanted == List.class) {
            Class<?> element = RecordShape.listElement(component);
            return element.isRecord() ? sections(key, entry.value(), element) : list(key, entry.value(), element);
        }
        if (!ScalarReader.reads(wanted)) {
            throw new IllegalStateException(component + " has a type that a configuration cannot hold");
        }
        return scalar(key, entry.value(), wanted);
    }

    private @Nullable PartialRecord inner(Class<?> wanted, String key, Entry entry) {
        if (entry.value() instanceof Mapping mapping) {
            return wanted.isRecord()
                    ? section(wanted, mapping, key, null)
                    : variant(wanted, key, mapping, entry.keyOrigin());
        }
        List<String> keys =
                wanted.isRecord() ? new RecordShape(wanted).keys() : List.of(RecordShape.variantKey(wanted), "...");
        refuse(entry.value(), key, "a section of keys (" + String.join(", ", keys) + ")");
        return null;
    }

    private @Nullable PartialRecord variant(Class<?> sealedType, String key, Mapping mapping, Origin keyOrigin) {
        Map<String, Class<?>> variants = RecordShape.variants(sealedType);
        String variantKey = RecordShape.variantKey(sealedType);
        String allowed = String.join(" or ", variants.keySet());
        Entry chosen = mapping.entries().get(variantKey);
        String path = join(key, variantKey);
        Optional<Class<?>> standard = RecordShape.standard(sealedType);
        if (chosen == null && standard.isPresent()) {
            return chosen(sealedType, standard.get(), mapping, key);
        } else if (chosen == null) {
            trouble(keyOrigin, path, "required key is missing; use " + allowed);
        } else if (!(chosen.value() instanceof Scalar name)) {
            refuse(chosen.value(), path, allowed);
        } else if (!variants.containsKey(name.text())) {
            String nearest = NearestKey.to(name.text(), variants.keySet()).orElse(allowed);
            trouble(
                    name.origin(),
                    path,
                    "'" + name.text() + "' is not available; did you mean '" + nearest + "'? Available: " + allowed);
        } else {
            origins.put(path, chosen.keyOrigin());
            return chosen(sealedType, variants.get(name.text()), mapping, key);
        }
        return null;
    }

    private PartialRecord chosen(Class<?> sealedType, Class<?> record, Mapping mapping, String key) {
        Choice choice = new Choice(
                RecordShape.variantKey(sealedType), RecordShape.variantName(record), RecordShape.keyOwners(sealedType));
        return section(record, mapping, key, choice);
    }

    private @Nullable Object scalar(String key, ConfigNode node, Class<?> wanted) {
        if (!(node instanceof Scalar scalar)) {
            refuse(node, key, ScalarReader.noun(wanted));
            return null;
        }
        try {
            return ScalarReader.read(wanted, scalar);
        } catch (ScalarReader.Unreadable unreadable) {
            trouble(scalar.origin(), key, String.valueOf(unreadable.getMessage()));
            return null;
        }
    }

    /** A single value stands for a list of one. */
    private @Nullable List<Object> list(String key, ConfigNode node, Class<?> element) {
        if (node instanceof Mapping) {
            refuse(node, key, ScalarReader.noun(element) + " or a list");
            return null;
        }
        List<ConfigNode> entries = node instanceof Sequence sequence ? sequence.entries() : List.of(node);
        List<Object> read = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Object value = scalar(node instanceof Sequence ? key + "[" + i + "]" : key, entries.get(i), element);
            if (value != null) {
                read.add(value);
            }
        }
        return read.size() == entries.size() ? read : null;
    }

    /** A single section stands for a list of one. */
    private @Nullable List<Object> sections(String key, ConfigNode node, Class<?> element) {
        List<ConfigNode> entries = node instanceof Sequence sequence ? sequence.entries() : List.of(node);
        List<Object> read = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            String path = key + "[" + i + "]";
            if (entries.get(i) instanceof Mapping mapping) {
                origins.put(path, mapping.origin());
                read.add(section(element, mapping, path, null));
            } else {
                String keys = String.join(", ", new RecordShape(element).keys());
                refuse(entries.get(i), path, "a section of keys (" + keys + ")");
            }
        }
        return read.size() == entries.size() ? read : null;
    }

    /** Reports a node of the wrong kind, unless it was reported when it was met. */
    private void refuse(ConfigNode node, String key, String expected) {
        if (!(node instanceof ConfigNode.Refused)) {
            problems.add(node.origin(), key, "expected " + expected + ", found " + node.kind());
        }
        troubled.add(key);
    }
}
