package io.github.gptmoe.train.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One YAML node with its place. Only what a configuration needs: no tags, no anchors. */
sealed interface ConfigNode {

    Origin origin();

    /** What to call this node in a message. */
    String kind();

    /** A single value as written; {@code quoted} decides whether it can be anything but text. */
    record Scalar(String text, boolean quoted, Origin origin) implements ConfigNode {
        @Override
        public String kind() {
            return isNull() ? "no value" : (quoted ? "text \"" : "'") + Excerpt.of(text) + (quoted ? "\"" : "'");
        }

        boolean isNull() {
            return !quoted && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
        }
    }

    /** A list. */
    record Sequence(List<ConfigNode> entries, Origin origin) implements ConfigNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys with values; the map is changed while {@code --set} options are applied. */
    record Mapping(Map<String, Entry> entries, Origin origin) implements ConfigNode {

        static Mapping empty(Origin origin) {
            return new Mapping(new LinkedHashMap<>(), origin);
        }

        @Override
        public String kind() {
            return "a section of keys";
        }
    }

    /** Something refused, whose problem is already recorded. */
    record Refused(Origin origin) implements ConfigNode {
        @Override
        public String kind() {
            return "something refused";
        }
    }

    /** A key's place and its value. */
    record Entry(Origin keyOrigin, ConfigNode value) {}
}
