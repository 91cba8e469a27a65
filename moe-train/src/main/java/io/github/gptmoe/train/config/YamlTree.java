package io.github.gptmoe.train.config;

import io.github.gptmoe.train.config.ConfigNode.Entry;
import io.github.gptmoe.train.config.ConfigNode.Mapping;
import io.github.gptmoe.train.config.ConfigNode.Refused;
import io.github.gptmoe.train.config.ConfigNode.Scalar;
import io.github.gptmoe.train.config.ConfigNode.Sequence;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.events.StreamStartEvent;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * YAML text to nodes with places.
 *
 * <p>Works on the parser's events, before tags are resolved and aliases followed: a hostile file can neither name a class
 * nor unfold itself, and numbers are still the characters that were written.
 */
final class YamlTree {

    static final int MAXIMUM_DEPTH = 50;

    private final ProblemList problems;
    private final Function<Mark, Origin> origins;
    private final Iterator<Event> events;

    private YamlTree(String text, Function<Mark, Origin> origins, ProblemList problems) {
        this.problems = problems;
        this.origins = origins;
        this.events = new Yaml().parse(new StringReader(text)).iterator();
    }

    /**
     * Reads one document.
     *
     * @return its root, or null when it holds nothing
     * @throws ConfigException if the text is not YAML, with the problems found so far
     */
    static @Nullable ConfigNode read(String text, Function<Mark, Origin> origins, ProblemList problems) {
        try {
            requirePrintable(text, origins);
            return new YamlTree(text, origins, problems).document();
        } catch (MarkedYAMLException invalid) {
            Mark mark = invalid.getProblemMark() != null ? invalid.getProblemMark() : invalid.getContextMark();
            problems.add(origins.apply(mark != null ? mark : markAt(text, 0)), "not valid YAML: " + describe(invalid));
        } catch (YAMLException invalid) {
            problems.add(origins.apply(markAt(text, 0)), "not valid YAML: " + invalid.getMessage());
        } catch (Unusable unusable) {
            problems.add(unusable.origin, String.valueOf(unusable.getMessage()));
        }
        throw problems.exception();
    }

    private static String describe(MarkedYAMLException invalid) {
        String context = invalid.getContext() == null ? "" : invalid.getContext() + ", ";
        return (context + Optional.ofNullable(invalid.getProblem()).orElse("unreadable")).replace('\n', ' ');
    }

    private static void requirePrintable(String text, Function<Mark, Origin> origins) throws Unusable {
        for (int index = 0; index < text.length(); ) {
            int codePoint = text.codePointAt(index);
            if (!StreamReader.isPrintable(codePoint)) {
                throw new Unusable(
                        origins.apply(markAt(text, index)),
                        String.format(
                                "character U+%04X is not allowed; write it as an escape in double quotes", codePoint));
            }
            index += Character.charCount(codePoint);
        }
    }

    private static Mark markAt(String text, int index) {
        int line = 0;
        int lineStart = 0;
        for (int i = 0; i < index; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new Mark("", index, line, text.codePointCount(lineStart, index), new int[0], 0);
    }

    private @Nullable ConfigNode document() throws Unusable {
        ConfigNode root = null;
        boolean started = false;
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof DocumentStartEvent) {
                if (started) {
                    throw new Unusable(at(event), "a second document starts here; a config is one document");
                }
                started = true;
                root = node(events.next(), 1, "");
            } else if (!(event instanceof StreamStartEvent) && root == null && started) {
                break;
            }
        }
        return root instanceof Scalar scalar && scalar.isNull() ? null : root;
    }

    private ConfigNode node(Event event, int depth, String path) throws Unusable {
        if (depth > MAXIMUM_DEPTH) {
            throw new Unusable(at(event), "nested deeper than " + MAXIMUM_DEPTH + " levels");
        }
        Optional<String> refusal = refusal(event);
        refusal.ifPresent(text -> problems.add(at(event), text));
        ConfigNode node = content(event, depth, path);
        return refusal.isPresent() ? new Refused(at(event)) : node;
    }

    private ConfigNode content(Event event, int depth, String path) throws Unusable {
        if (event instanceof ScalarEvent scalar) {
            return new Scalar(scalar.getValue(), scalar.getScalarStyle() != ScalarStyle.PLAIN, at(event));
        }
        if (event instanceof SequenceStartEvent) {
            return sequence(event, depth, path);
        }
        if (event instanceof MappingStartEvent) {
            return mapping(event, depth, path);
        }
        return new Refused(at(event));
    }

    /** Tags could name classes and anchors could unfold without end; a configuration needs neither. */
    private static Optional<String> refusal(Event event) {
        if (event instanceof AliasEvent alias) {
            return Optional.of("alias *" + alias.getAnchor() + " is not allowed; repeat the value");
        }
        String tag = event instanceof ScalarEvent scalar
                ? scalar.getTag()
                : event instanceof CollectionStartEvent start ? start.getTag() : null;
        if (tag != null) {
            return Optional.of("tag " + tag + " is not allowed; write the plain value");
        }
        String anchor = event instanceof NodeEvent node ? node.getAnchor() : null;
        return Optional.ofNullable(anchor).map(name -> "anchor &" + name + " is not allowed; repeat the value instead");
    }

    private ConfigNode sequence(Event start, int depth, String path) throws Unusable {
        List<ConfigNode> entries = new ArrayList<>();
        for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
            entries.add(node(event, depth + 1, path + "[" + entries.size() + "]"));
        }
        return new Sequence(entries, at(start));
    }

    private ConfigNode mapping(Event start, int depth, String path) throws Unusable {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
            Origin keyOrigin = at(event);
            ConfigNode key = node(event, depth + 1, path);
            String keyPath = key instanceof Scalar scalar ? (path.isEmpty() ? "" : path + ".") + scalar.text() : path;
            ConfigNode value = node(events.next(), depth + 1, keyPath);
            if (key instanceof Scalar scalar) {
                Entry earlier = entries.putIfAbsent(scalar.text(), new Entry(keyOrigin, value));
                if (earlier != null) {
                    problems.add(
                            keyOrigin,
                            keyPath,
                            "is given twice, first at line "
                                    + earlier.keyOrigin().line() + "; keep one");
                }
            } else if (!(key instanceof Refused)) {
                problems.add(keyOrigin, "a key must be a word, not " + key.kind());
            }
        }
        return new Mapping(entries, at(start));
    }

    private Origin at(Event event) {
        return origins.apply(event.getStartMark());
    }

    /** Ends the reading at once. */
    private static final class Unusable extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient Origin origin;

        Unusable(Origin origin, String text) {
            super(text);
            this.origin = origin;
        }
    }
}
