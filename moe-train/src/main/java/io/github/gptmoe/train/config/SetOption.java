package io.github.gptmoe.train.config;

import io.github.gptmoe.train.config.ConfigNode.Entry;
import io.github.gptmoe.train.config.ConfigNode.Mapping;
import io.github.gptmoe.train.config.ConfigNode.Scalar;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One {@code --set key=value}.
 *
 * <p>A value that starts like a YAML list, section or quoted text is read as YAML; anything else is taken as it stands,
 * so that paths and prompts with {@code #} or {@code :} need no quoting.
 */
final class SetOption {

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

    private final String key;
    private final String value;
    private final Origin origin;

    private SetOption(String key, String value, Origin origin) {
        this.key = key;
        this.value = value;
        this.origin = origin;
    }

    /** Applies the options to the tree in order; a later one of the same key wins. */
    static void applyAll(List<String> options, Mapping root, ProblemList problems) {
        for (int i = 0; i < options.size(); i++) {
            String option = options.get(i);
            Origin origin = new Origin("--set " + Excerpt.of(option), 0, 0, i + 1);
            int equals = option.indexOf('=');
            if (equals < 0 || !KEY.matcher(option.substring(0, equals)).matches()) {
                problems.add(origin, "expected key=value, for example --set train.steps=100");
            } else {
                new SetOption(
                                option.substring(0, equals),
                                option.substring(equals + 1).strip(),
                                origin)
                        .applyTo(root, problems);
            }
        }
    }

    private void applyTo(Mapping root, ProblemList problems) {
        String[] names = key.split("\\.", -1);
        Mapping section = root;
        for (int i = 0; i < names.length - 1; i++) {
            Entry entry = section.entries().get(names[i]);
            if (entry == null || (entry.value() instanceof Scalar scalar && scalar.isNull())) {
                entry = new Entry(origin, Mapping.empty(origin));
                section.entries().put(names[i], entry);
            }
            if (!(entry.value() instanceof Mapping inner)) {
                problems.add(
                        origin,
                        key,
                        names[i] + " is " + entry.value().kind() + ", it has no key " + names[i + 1] + "; set "
                                + names[i] + " as a whole");
                return;
            }
            section = inner;
        }
        section.entries().put(names[names.length - 1], new Entry(origin, node(problems)));
    }

    private ConfigNode node(ProblemList problems) {
        if (value.isEmpty() || "[{\"'".indexOf(value.charAt(0)) < 0) {
            return new Scalar(value, false, origin);
        }
        ProblemList own = new ProblemList("");
        try {
            ConfigNode node = YamlTree.read(value, mark -> origin, own);
            own.throwIfAny();
            return node == null ? new Scalar("", false, origin) : node;
        } catch (ConfigException unreadable) {
            unreadable.problems().forEach(text -> problems.add(origin, key, text.substring(text.indexOf(": ") + 2)));
            return new ConfigNode.Refused(origin);
        }
    }
}
